import { join } from "node:path";
import { hasCode } from "@p8e/core";
import { lockFolder } from "@p8e/machine";
import { eventually } from "@p8e/testkit";
import { type BuildOptions, buildImages } from "../../images/build-images.ts";
import { root } from "./container-engine.ts";

/**
 * Builds one image after the other, each when no other test builds one. Who comes second takes from the cache what both
 * need, and nobody removes an image that another is about to name.
 */
export async function buildInTurn(options: BuildOptions): Promise<readonly string[]> {
  const built: string[] = [];
  for (const name of options.names) {
    const take = () => lockFolder(join(root, ".cache", "image-builds"), { runs: "a build of images" });
    const isLater = (error: unknown) => hasCode(error, "environment.in_use");
    using _turn = await eventually("no other test builds images", take, undefined, { limitMs: 600_000, isLater });
    built.push(...buildImages({ ...options, names: [name] }));
  }
  return built;
}
