// What the house tests read of this repository: its packages, their files, and what those import.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Import {
  /** As it is written. */
  readonly to: string;
  /** File and line. */
  readonly at: string;
  readonly file: string;
  /** Of types alone: nothing is loaded. */
  readonly typeOnly: boolean;
  /** Loaded when the line is reached, not with the file. */
  readonly late: boolean;
}

/** What of a package.json these tests look at. */
export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | { readonly default: string }>>;
}

/** Files by pattern, with slashes on every system, in order; generated ones only when they are asked for. */
export function files(
  patterns: string | readonly string[],
  { generated = false }: { readonly generated?: boolean } = {},
): readonly string[] {
  return globSync(patterns, { cwd: root })
    .map((file) => file.split(sep).join("/"))
    .filter((file) => (generated || !file.includes("/gen/")) && !file.includes("node_modules/"))
    .sort();
}

export function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** The folders of all packages, apps and examples. */
export const packageFolders: readonly string[] = files([
  "packages/*/package.json",
  "apps/*/package.json",
  "examples/*/package.json",
]).map((file) => dirname(file));

export function manifestOf(folder: string): Manifest {
  return JSON.parse(read(`${folder}/package.json`)) as Manifest;
}

const IMPORT =
  /^(?:import|export)(\s+type)?\s+(?:[\w$*{},\s]*?\bfrom\s+)?"([^"]+)"|\b(?:import|import\.meta\.resolve|require\.resolve)\(\s*"([^"]+)"/gm;

/** Static and dynamic imports, and what is resolved by name. */
export function importsOf(
  patterns: string | readonly string[],
  options: { readonly generated?: boolean } = {},
): readonly Import[] {
  return files(patterns, options).flatMap(importsIn);
}

function importsIn(file: string): Import[] {
  const text = read(file);
  return [...text.matchAll(IMPORT)].map((match) => {
    const line = text.slice(0, match.index).split("\n").length;
    const late = match[3] !== undefined;
    return { to: (match[2] ?? match[3])!, at: `${file}:${line}`, file, typeOnly: match[1] !== undefined, late };
  });
}

/** The doors of a package: the name one imports, and the file behind it. */
export function doorsOf(folder: string): ReadonlyMap<string, string> {
  const { name, exports = {} } = manifestOf(folder);
  return new Map(
    Object.entries(exports).map(([door, behind]) => {
      const file = typeof behind === "string" ? behind : behind.default;
      return [posix.join(name, door), posix.join(folder, file)];
    }),
  );
}

/** The files of this repository that are loaded with a file, itself included: what late imports load is not among them. */
export function loadedWith(file: string): ReadonlySet<string> {
  const doors = new Map(packageFolders.flatMap((folder) => [...doorsOf(folder)]));
  const loaded = new Set<string>();
  const pending = [file];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (loaded.has(next)) continue;
    loaded.add(next);
    for (const { to, typeOnly, late } of importsIn(next)) {
      if (typeOnly || late) continue;
      const target = to.startsWith(".") ? posix.join(posix.dirname(next), to) : doors.get(to);
      if (target !== undefined) pending.push(target);
    }
  }
  return loaded;
}

/** The package that an import names; undefined for a file and for a module of Node.js. */
export function packageOf(to: string): string | undefined {
  if (to.startsWith(".") || to.startsWith("node:")) return undefined;
  return to
    .split("/")
    .slice(0, to.startsWith("@") ? 2 : 1)
    .join("/");
}
