// Other implementations' readers of protobuf messages, driven line by line: protobuf-go's and Java's.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { base64Decode, base64Encode } from "@p8e/core";
import { buildOnce, PATH_SEPARATOR, readClasspath, runTool } from "../jvm/maven.ts";

const home = import.meta.dirname;
/** The types of `proto/`, as a serialized FileDescriptorSet, which `buf build -o types.binpb` writes; a test holds them together. */
export const typesFile = join(home, "types.binpb");

/** A message to be read. */
export interface Given {
  readonly form: "json" | "binary";
  /** The message's full name. */
  readonly typeName: string;
  readonly bytes: Uint8Array;
}

/** The message as the reader writes it again, or why it does not take it. */
export type Answer = { readonly bytes: Uint8Array } | { readonly refused: string };

/** A reader of many messages at once. @throws Error with what the tool printed when it fails */
export type Reader = (given: readonly Given[]) => readonly Answer[];

/** protobuf-go, with the strict defaults of protojson; its program is built first. */
export async function goReader(): Promise<Reader> {
  const source = join(home, "go");
  const target = join(home, "target");
  const program = join(target, process.platform === "win32" ? "read-messages.exe" : "read-messages");
  await buildOnce(
    target,
    ["main.go", "go.mod", "go.sum"].map((name) => join(source, name)),
    () => void runTool("go", ["build", "-o", program, "."], { cwd: source }),
    () => existsSync(program),
  );
  return (given) => answersOf(runTool(program, [typesFile], { cwd: home, input: linesOf(given) }), given);
}

/** Protocol Buffers for Java; what it needs is fetched first. */
export async function javaReader(): Promise<Reader> {
  const folder = join(home, "../jvm/json");
  const target = join(folder, "target");
  const jars = join(target, "classpath.txt");
  await buildOnce(
    target,
    [join(folder, "pom.xml")],
    () => void runTool("mvn", ["-q", "-B", "generate-sources"], { cwd: folder }),
    () => readClasspath(jars).length > 0 && readClasspath(jars).every((jar) => existsSync(jar)),
  );
  const classpath = readClasspath(jars).join(PATH_SEPARATOR);
  return (given) => {
    const command = ["-cp", classpath, "ReadMessages.java", typesFile];
    return answersOf(runTool("java", command, { cwd: folder, input: linesOf(given) }), given);
  };
}

function linesOf(given: readonly Given[]): string {
  return given.map(({ form, typeName, bytes }) => `${form} ${typeName} ${base64Encode(bytes)}\n`).join("");
}

function answersOf(printed: string, given: readonly Given[]): readonly Answer[] {
  const lines = printed.trimEnd().split("\n");
  if (lines.length !== given.length) throw new Error(`${lines.length} answers to ${given.length} messages`);
  return lines.map((line) => {
    const rest = line.slice(3);
    return line.startsWith("ok") ? { bytes: base64Decode(rest, "an answer") } : { refused: rest };
  });
}
