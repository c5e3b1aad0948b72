// docs/guides/deploy.md and the compose file agree.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { composeNode, composeParties } from "../../apps/cli/src/support/init-compose-profile.ts";
import { root } from "./support/container-engine.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");

describe("the page on deploying", () => {
  it("makes profiles for the ports and names that the compose file has", () => {
    const compose = read("deploy/compose/compose.yaml");
    const ports = Object.values(composeParties).map(({ variable, port }) => `127.0.0.1:\${${variable}:-${port}}:8080`);
    for (const port of [...ports, `127.0.0.1:\${${composeNode.variable}:-${composeNode.port}}:9090`]) {
      assert.ok(compose.includes(`"${port}"`), port);
    }
    for (const { url } of Object.values(composeParties)) {
      assert.match(compose, new RegExp(`^  ${new URL(url).hostname}:$`, "m"));
    }
    // Published keys are used: nothing is published beyond this machine.
    for (const [, published] of compose.matchAll(/^ +ports: \[(.*)\]$/gm)) {
      for (const port of published!.split(", ")) assert.match(port, /^"127\.0\.0\.1:/);
    }
  });
});
