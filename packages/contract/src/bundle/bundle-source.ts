import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { setImmediate as nextRound } from "node:timers/promises";
import { P8eError, pause, throwIfCancelled, untilCancelled } from "@p8e/core";
import type { BuildFailure, BuildOptions, Message, Metafile } from "esbuild";
import type { Fault } from "../domain/fault.ts";
import { GUEST_DOOR, guestRuntime, isOfGuestRuntime } from "./guest-runtime.ts";

/** How much later than the compiler's end the signal that ended both may be seen here, on a busy machine. */
const SIGNAL_LATE_MS = 1000;

/** What the compiler made of a source. */
export interface BundledSource {
  /** One ES module without imports; ASCII but for regular expressions and tagged templates, which have no escapes for it. */
  readonly code: string;
  /** Its source map, without the sources. */
  readonly map: string;
  /** What it found that no contract may contain, such as imports at run time. */
  readonly faults: readonly Fault[];
  /** What it found that a contract may contain, and its author may not mean. */
  readonly warnings: readonly Fault[];
  /** The author's files that it was made of, absolute and in order; packages that are installed are left out. */
  readonly files: readonly string[];
}

/**
 * Bundles an entry file, which exports a contract as default, with all it needs into one ES module. Nothing of the
 * machine enters it: no path, no time, no configuration file, and no library but those that the contract brings itself.
 *
 * `workingDirectory` must not make a difference; builds compare two.
 *
 * @throws P8eError `contract.build_failed` with the compiler's messages; `rpc.cancelled`; `process.failed` when the compiler
 *   itself breaks down
 */
export async function bundleSource(
  entry: string,
  workingDirectory: string,
  signal?: AbortSignal | undefined,
): Promise<BundledSource> {
  throwIfCancelled(signal);
  let result: { outputFiles: { path: string; text: string }[]; metafile: Metafile };
  try {
    result = await compiled(compilerOptions(entry, workingDirectory), signal);
  } catch (cause) {
    // Ctrl-C reaches the compiler's process as well as this one, and its end may be seen here before the signal is.
    await nextRound();
    throwIfCancelled(signal);
    if ((cause as Partial<BuildFailure>).errors === undefined) await pause(SIGNAL_LATE_MS, signal);
    throw buildFailed(cause, workingDirectory);
  }
  const isMap = ({ path }: { readonly path: string }) => path.endsWith(".map");
  const code = result.outputFiles.find((file) => !isMap(file))!.text;
  const warnings = await sourceWarnings(result.metafile, workingDirectory);
  return {
    code,
    map: result.outputFiles.find(isMap)!.text,
    faults: sourceFaults(code, result.metafile, entry),
    warnings,
    files: sourceFiles(result.metafile, workingDirectory),
  };
}

async function compiled(options: CompilerOptions, signal: AbortSignal | undefined) {
  // Loaded here, because most users of this package build nothing.
  const { context } = await import("esbuild");
  const build = await context(options);
  const cancel = () => void build.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await untilCancelled(build.rebuild(), signal);
  } finally {
    signal?.removeEventListener("abort", cancel);
    void build.dispose();
  }
}

type CompilerOptions = ReturnType<typeof compilerOptions>;

function compilerOptions(entry: string, workingDirectory: string) {
  return {
    stdin: {
      contents: [
        `import contract from ${JSON.stringify(entry)};`,
        `import { serveContract } from ${JSON.stringify(GUEST_DOOR)};`,
        "export const { describe, load, call } = serveContract(contract);",
      ].join("\n"),
      resolveDir: dirname(entry),
      sourcefile: "bundle",
      loader: "ts",
    },
    absWorkingDir: workingDirectory,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    supported: { "top-level-await": false },
    plugins: [guestRuntime()],
    mainFields: ["module", "main"],
    tsconfigRaw: "{}",
    charset: "ascii",
    legalComments: "none",
    minifySyntax: true,
    minifyWhitespace: true,
    // Beside the code, of which it changes nothing. It wants a name for the code, though nothing is written.
    sourcemap: "external",
    outfile: "bundle.js",
    allowOverwrite: true,
    sourcesContent: false,
    logLevel: "silent",
  } as const satisfies BuildOptions;
}

function sourceFaults(code: string, metafile: Metafile, entry: string): Fault[] {
  const faults: Fault[] = [];
  const add = (rule: string, where: string, message: string) => faults.push({ rule, where, message });
  for (const [path, input] of Object.entries(metafile.inputs)) {
    if (input.format === "cjs")
      add("es-modules", shown(path), "is no ES module; contracts are bundled from ES modules only");
    for (const one of input.imports) {
      if (one.kind === "dynamic-import") {
        add("no-dynamic-import", shown(path), `imports ${one.original ?? shown(one.path)} while it runs`);
      }
    }
  }
  if (/\bimport\s*[.(]/.test(code)) {
    add("no-dynamic-import", "bundle", "has the words of a dynamic import or of import.meta, in code or in a text");
  }
  if (code.includes(dirname(entry))) add("no-paths", "bundle", "contains the folder it was built in");
  // The compiler lists files in no fixed order.
  return faults.sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
}

/**
 * The runtime library packs messages under `type.googleapis.com/`; what reads contracts' results elsewhere, the ledger first
 * of all, has `/` and the name. Both are readable, but the bytes differ.
 */
async function sourceWarnings(metafile: Metafile, workingDirectory: string): Promise<Fault[]> {
  const warnings: Fault[] = [];
  for (const path of Object.keys(metafile.inputs)) {
    if (path === "bundle" || isOfGuestRuntime(path)) continue;
    const source = await readFile(resolve(workingDirectory, path), "utf8").catch(() => "");
    if (!/\banyPack\b/.test(source)) continue;
    const message =
      "packs with the library's anyPack, whose type URLs begin with type.googleapis.com; packAny of @p8e/contract packs as the ledger does";
    warnings.push({ rule: "library-any-pack", where: shown(path), message });
  }
  return warnings.sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
}

function sourceFiles({ inputs }: Metafile, workingDirectory: string): string[] {
  const own = Object.keys(inputs).filter(
    (path) => path !== "bundle" && !isOfGuestRuntime(path) && !path.includes("node_modules/"),
  );
  return own.map((path) => resolve(workingDirectory, path)).sort();
}

function sortKey({ rule, where, message }: Fault): string {
  return [rule, where, message].join("\n");
}

/** How a source file is called before people: without the way to it, a package's file by the package's name. */
export function shown(path: string): string {
  if (isOfGuestRuntime(path)) return path.slice(path.indexOf(":") + 1);
  const at = path.lastIndexOf("node_modules/");
  return at < 0 ? path.replace(/^(?:\.\.\/)+/, "") : path.slice(at + "node_modules/".length);
}

function buildFailed(cause: unknown, workingDirectory: string): P8eError {
  const messages = (cause as Partial<BuildFailure>).errors;
  if (messages === undefined) {
    return new P8eError("process.failed", "the compiler broke down while it bundled the contract", { cause });
  }
  const errors = messages.slice(0, 20).map((message) => messageText(message, workingDirectory));
  return new P8eError("contract.build_failed", `the contract could not be bundled: ${errors[0]}`, {
    facts: { errors, count: messages.length },
  });
}

function messageText({ text, location }: Message, workingDirectory: string): string {
  if (location === null) return text;
  const file = isAbsolute(location.file) ? relative(workingDirectory, location.file) : location.file;
  return `${shown(file)}:${location.line}:${location.column}: ${text}`;
}
