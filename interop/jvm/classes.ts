// Compiles .proto files with the real Protocol Buffers compiler and javac, and lists the classes that came out.
import { chmodSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { buildOnce, PATH_SEPARATOR, runTool } from "./maven.ts";

const home = join(import.meta.dirname, "classes");
const target = join(home, "target");
const listing = join(target, "classes.txt");
const descriptors = join(target, "protos.binpb");

/** A generated class: its binary name in the JVM and the full name of the type it was made from. */
export interface GeneratedClass {
  readonly kind: "message" | "enum";
  readonly className: string;
  readonly typeName: string;
}

export interface CompiledProtos {
  /** Serialized FileDescriptorSet, imports included. */
  readonly descriptorSet: Uint8Array;
  readonly classes: readonly GeneratedClass[];
}

/**
 * @param folders import roots; every .proto file below them is compiled
 * @throws Error with what the tool printed
 */
export async function compileProtos(folders: readonly string[]): Promise<CompiledProtos> {
  const protos = folders.flatMap((folder) => globSync("**/*.proto", { cwd: folder }).map((file) => ({ folder, file })));
  const inputs = [
    join(home, "pom.xml"),
    join(home, "ListClasses.java"),
    ...protos.map(({ folder, file }) => join(folder, file)),
  ];
  await buildOnce(target, inputs, () =>
    compile(
      folders,
      protos.map(({ file }) => file),
    ),
  );
  const lines = readFileSync(listing, "utf8").trim().split("\n");
  const classes = lines.map((line): GeneratedClass => {
    const [kind = "", className = "", typeName = ""] = line.split(" ");
    return { kind: kind === "enum" ? "enum" : "message", className, typeName };
  });
  return { descriptorSet: new Uint8Array(readFileSync(descriptors)), classes };
}

function compile(folders: readonly string[], files: readonly string[]): void {
  const run = (command: string, args: readonly string[]) => runTool(command, args, { cwd: home });
  run("mvn", ["-q", "-B", "generate-sources", `-Dprotoc.platform=${protocPlatform()}`]);
  const compiler = join(target, "protoc.exe");
  chmodSync(compiler, 0o755);
  const [sources, classes, runtime] = [join(target, "src"), join(target, "classes"), join(target, "protobuf-java.jar")];
  mkdirSync(sources);
  const includes = [...folders, join(target, "include")].map((folder) => `-I${folder}`);
  const outputs = [`--java_out=${sources}`, `--descriptor_set_out=${descriptors}`, "--include_imports"];
  run(compiler, [...includes, ...outputs, ...files]);
  const generated = globSync("**/*.java", { cwd: sources }).map((file) => join(sources, file));
  const list = join(target, "sources.txt");
  const quoted = [join(home, "ListClasses.java"), ...generated].map((path) => `"${path.replaceAll("\\", "/")}"`);
  writeFileSync(list, quoted.join("\n"));
  run("javac", ["-nowarn", "-proc:none", "-cp", runtime, "-d", classes, `@${list}`]);
  const classpath = [classes, runtime].join(PATH_SEPARATOR);
  writeFileSync(listing, run("java", ["-cp", classpath, "ListClasses", classes, runtime]));
}

/** As Maven Central names the compiler's builds. */
function protocPlatform(): string {
  const system = { linux: "linux", darwin: "osx", win32: "windows" }[process.platform as "linux" | "darwin" | "win32"];
  return `${system}-${process.arch === "arm64" ? "aarch_64" : "x86_64"}`;
}
