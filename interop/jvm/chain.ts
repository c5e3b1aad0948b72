// The chain's published message classes, as readers of messages that ours wrote.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@bufbuild/protobuf";
import { base64Encode } from "@p8e/core";
import { buildOnce, PATH_SEPARATOR, readClasspath, runTool } from "./maven.ts";

const home = join(import.meta.dirname, "chain");
const target = join(home, "target");

/**
 * Each message as the class of that name prints it in JSON, with the field names of the .proto file; undefined where the
 * jar has no such class.
 * @throws Error with what the tool printed
 */
export async function readByChainClasses(
  messages: readonly { readonly className: string; readonly bytes: Uint8Array }[],
): Promise<readonly (JsonValue | undefined)[]> {
  const jars = join(target, "classpath.txt");
  await buildOnce(
    target,
    [join(home, "pom.xml")],
    () => void runTool("mvn", ["-q", "-B", "generate-sources"], { cwd: home }),
    () => readClasspath(jars).every((jar) => existsSync(jar)),
  );
  const classpath = readClasspath(jars).join(PATH_SEPARATOR);
  const input = messages.map(({ className, bytes }) => `${className} ${base64Encode(bytes)}\n`).join("");
  const lines = runTool("java", ["-cp", classpath, "MessageJson.java"], { cwd: home, input }).trimEnd().split("\n");
  return messages.map((_message, index) => {
    const line = lines[index] ?? "";
    return line.startsWith("!") ? undefined : (JSON.parse(line) as JsonValue);
  });
}
