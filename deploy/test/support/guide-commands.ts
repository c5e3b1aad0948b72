import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./container-engine.ts";

/**
 * The commands of a page of docs/guides that are no step of a walk: of its shell blocks that name no machine, a line each,
 * without what is said of it.
 */
export function guideCommands(page: string): readonly string[] {
  const text = readFileSync(join(root, "docs/guides", page), "utf8");
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    block!
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, ""))
      .filter((line) => line !== "" && !line.startsWith("#")),
  );
}

const COMPOSE = "podman-compose --file deploy/compose/compose.yaml";

/** Those that the test of the compose file runs as they are. */
export const composeCommands = {
  up: `COMPOSE_PROFILES=node,multi-party ${COMPOSE} up --detach --no-build`,
  lender: "npx p8e init try-compose/lender --compose",
  bank: "npx p8e init try-compose/bank --compose --party bank",
  stop: `COMPOSE_PROFILES=node,multi-party ${COMPOSE} stop`,
  start: `COMPOSE_PROFILES=node,multi-party ${COMPOSE} start`,
  down: `COMPOSE_PROFILES=node,multi-party ${COMPOSE} down --volumes`,
} as const;
