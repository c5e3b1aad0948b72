// `npm run pack -- --out FOLDER`: every public package as an archive that npm installs, and the command as the package p8e.
// Libraries come as ES modules with declarations and maps; their sources lie beside, for maps to lead to.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(import.meta.dirname);

/** Not published: what the tests of this repository use, and what images and system packages are made of. */
const UNPUBLISHED: readonly string[] = ["packages/testkit", "apps/object-store"];
const COMMAND = "apps/cli";
/** So many packings of a clone are kept. */
const KEPT = 10;
/** Longer than one takes. */
const DRAFT_MS = 3_600_000;
const GUARD = "needs-node-24.js";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly sideEffects?: boolean;
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package as it is published. */
export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  /** The archive's file name, in the folder that all of them are in. */
  readonly file: string;
}

/** The manifest of a package's folder. */
export const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;

/** The folders of the packages that are published, relative to the root, sorted. */
export function publishedFolders(): readonly string[] {
  return globSync(["packages/*/package.json", "apps/*/package.json", "examples/*/package.json"], { cwd: root })
    .map((file) => dirname(file).split(sep).join("/"))
    .filter((folder) => !UNPUBLISHED.includes(folder))
    .sort();
}

/** What a package is called where it is published. */
const publishedName = (folder: string) => (folder === COMMAND ? "p8e" : manifestOf(folder).name);

/**
 * Packs everything into `out`, which it makes; archives of the same names are written over.
 * @throws Error when the compiler or npm fails, with what they said
 */
export function pack(out: string): readonly PackedPackage[] {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const work = mkdtempSync(join(root, ".cache", "pack-"));
  try {
    const folders = publishedFolders();
    // The command says what it needs by itself (apps/cli/bin/launch.mjs); libraries must be readable for an older Node.js
    // to say so, which knows no `using`.
    const libraries = folders.filter((folder) => folder !== COMMAND);
    compile(work, libraries, { target: "es2022", declaration: true, declarationMap: true });
    compile(work, [COMMAND], { target: "esnext" });
    for (const folder of folders) stage(folder, work);
    mkdirSync(out, { recursive: true });
    const staged = folders.map((folder) => join(work, "staged", folder));
    const listed = run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", out, ...staged]);
    return (JSON.parse(listed) as readonly { name: string; version: string; filename: string }[]).map(
      ({ name, version, filename }) => ({ name, version, file: filename }),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Compiles packages and lays each, as it would be published, under `work/staged/FOLDER`: for images, which run them without
 * an archive in between.
 * @throws Error when the compiler fails
 */
export function stagePackages(folders: readonly string[], work: string): void {
  compile(work, folders, { target: "esnext" });
  for (const folder of folders) stage(folder, work);
}

/** The compiler writes `FOLDER/src/X.js` under `work/compiled`. Types are not checked: `npm run typecheck` does. */
export function compile(work: string, folders: readonly string[], options: Readonly<Record<string, unknown>>): void {
  const project = join(work, "tsconfig.json");
  const compilerOptions = {
    ...{ noEmit: false, noCheck: true, incremental: false, tsBuildInfoFile: null, sourceMap: true },
    ...{ rewriteRelativeImportExtensions: true, rootDir: root, outDir: join(work, "compiled") },
    ...options,
  };
  const include = folders.map((folder) => join(root, folder, "src"));
  writeFileSync(project, JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include }));
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project]);
}

function run(program: string, args: readonly string[]): string {
  const windows = process.platform === "win32" && program === "npm";
  const done = spawnSync(windows ? "npm.cmd" : program, args, { cwd: root, encoding: "utf8", shell: windows });
  if (done.error || done.status !== 0) {
    throw new Error(`${program} ${args[0]} failed: ${done.error?.message ?? `${done.stdout}${done.stderr}`}`);
  }
  return done.stdout;
}

/** Puts together what the archive of one package holds. */
function stage(folder: string, work: string): void {
  const manifest = manifestOf(folder);
  const [source, compiled, into] = [join(root, folder), join(work, "compiled", folder, "src"), staging(work, folder)];
  mkdirSync(into, { recursive: true });
  renameSync(compiled, join(into, "dist"));
  cpSync(join(source, "src"), join(into, "src"), { recursive: true });
  // What is read at run time lies beside the module that reads it.
  cpSync(join(source, "src"), join(into, "dist"), { recursive: true, filter: (path) => !path.endsWith(".ts") });
  for (const pattern of manifest.files ?? []) {
    for (const file of globSync(pattern, { cwd: source }))
      cpSync(join(source, file), join(into, file), { recursive: true });
  }
  for (const file of globSync("dist/**/*.map", { cwd: into })) leadToSource(into, file, folder, compiled);
  for (const file of globSync("dist/**/*.d.ts", { cwd: into })) nameModules(join(into, file));
  const doors = Object.values(manifest.exports ?? {}).map(compiledName);
  for (const door of doors) guard(into, door);
  if (doors.length > 0) writeFileSync(join(into, "dist", GUARD), guardText(manifest.name));
  cpSync(join(root, "LICENSE"), join(into, "LICENSE"));
  cpSync(join(source, "README.md"), join(into, "README.md"));
  writeFileSync(join(into, "package.json"), `${JSON.stringify(publishedManifest(folder), null, 2)}\n`);
}

const staging = (work: string, folder: string) => join(work, "staged", folder);
const compiledName = (file: string) => file.replace(/^\.\/src\//, "dist/").replace(/\.ts$/, ".js");

/** A map is written for where the compiler found the sources; in the package they are in `src` beside `dist`. */
function leadToSource(staged: string, file: string, folder: string, compiled: string): void {
  const map = JSON.parse(readFileSync(join(staged, file), "utf8")) as { sources: readonly string[] };
  const before = dirname(join(compiled, relative("dist", file)));
  const sources = map.sources.map((each) =>
    relative(dirname(file), relative(join(root, folder), resolve(before, each)))
      .split(sep)
      .join("/"),
  );
  writeFileSync(join(staged, file), JSON.stringify({ ...map, sources }));
}

/** Declarations name the modules that are there, as the modules themselves do. */
function nameModules(file: string): void {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll(/(from |import\()"(\.{1,2}\/[^"]*)\.ts"/g, '$1"$2.js"'));
}

/** The first thing a door loads is the sentence on the Node.js that it needs. The map has a line more, too. */
function guard(folder: string, door: string): void {
  const at = relative(dirname(door), `dist/${GUARD}`).split(sep).join("/");
  const text = readFileSync(join(folder, door), "utf8");
  writeFileSync(join(folder, door), `import "${at.startsWith(".") ? at : `./${at}`}";\n${text}`);
  const map = JSON.parse(readFileSync(join(folder, `${door}.map`), "utf8")) as { mappings: string };
  writeFileSync(join(folder, `${door}.map`), JSON.stringify({ ...map, mappings: `;${map.mappings}` }));
}

function guardText(name: string): string {
  return `// Loaded before anything else of the package.
if (Number(process.versions.node.split(".")[0]) < 24) {
  throw new Error(\`${name} needs Node.js 24 or newer; this is \${process.version}\`);
}
`;
}

/** The manifest as it is published: doors lead to what was compiled, and what is ours is wanted in exactly this version. */
function publishedManifest(folder: string) {
  const { name: _, version, description, sideEffects, files = [], ...given } = manifestOf(folder);
  const dependencies = Object.fromEntries(
    Object.entries(given.dependencies ?? {}).map(([name, range]) => [name, range === "*" ? version : range]),
  );
  const common = {
    ...{ name: publishedName(folder), version, description, license: "Apache-2.0", type: "module" },
    ...(sideEffects === undefined ? {} : { sideEffects }),
    files: ["dist", "src", ...files],
  };
  if (folder === COMMAND) {
    const { engines, bin, optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return { ...common, engines, bin, dependencies, optionalDependencies };
  }
  const exports = Object.fromEntries(
    Object.entries(given.exports ?? {}).map(([door, file]) => {
      const js = `./${compiledName(file)}`;
      return [door, { types: js.replace(/\.js$/, ".d.ts"), default: js }];
    }),
  );
  const { optionalDependencies } = given;
  return {
    ...{ ...common, engines: { node: ">=24" }, exports, dependencies },
    ...(optionalDependencies === undefined ? {} : { optionalDependencies }),
  };
}

/** The folder of archives under `.cache` for what the packages hold now; packed when it is not there. */
export function packCached(): string {
  const folders = publishedFolders();
  const patterns = folders.flatMap((folder) =>
    [
      "package.json",
      "README.md",
      "src/**",
      ...(manifestOf(folder).files ?? []).flatMap((each) => [each, `${each}/**`]),
    ].map((each) => `${folder}/${each}`),
  );
  const key = createHash("sha256");
  for (const file of globSync(
    [...patterns, "package.json", "package-lock.json", "tsconfig.json", "LICENSE", "scripts/pack.ts"],
    { cwd: root },
  ).sort()) {
    const { size, mtimeMs } = statSync(join(root, file));
    key.update(`${file}\n${size}\n${mtimeMs}\n`);
  }
  const folder = join(root, ".cache", "packages", key.digest("hex").slice(0, 16));
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  try {
    pack(draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Else another process packed the same.
    if (!existsSync(folder)) throw error;
  }
  removeOld(dirname(folder));
  return folder;
}

/** Projects name archives by their path, so that the last few stay; and what a killed process left goes. */
function removeOld(cache: string): void {
  const made = readdirSync(cache)
    .map((name) => ({
      path: join(cache, name),
      // What another process has taken away meanwhile is old to it.
      madeMs: statSync(join(cache, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
      draft: name.includes("."),
    }))
    .sort((one, other) => other.madeMs - one.madeMs);
  const old = made.filter(({ draft }) => !draft).slice(KEPT);
  const left = made.filter(({ draft, madeMs }) => draft && madeMs < Date.now() - DRAFT_MS);
  for (const { path } of [...old, ...left]) rmSync(path, { recursive: true, force: true });
}

function main(): void {
  const { values } = parseArgs({ options: { out: { type: "string" }, cached: { type: "boolean" } } });
  if (values.cached) {
    process.stdout.write(`${packCached()}\n`);
    return;
  }
  if (values.out === undefined) {
    process.stderr.write("p8e: say where the archives go: npm run pack -- --out FOLDER\n");
    process.exitCode = 2;
    return;
  }
  const out = resolve(process.env.INIT_CWD ?? ".", values.out);
  const packed = pack(out);
  for (const { file } of packed) process.stdout.write(`${file}\n`);
  process.stdout.write(`${packed.length} packages in ${out}\n`);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) main();
