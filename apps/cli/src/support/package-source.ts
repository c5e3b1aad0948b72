import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { P8eError, parseJson, shape, throwIfCancelled } from "@p8e/core";
import { VERSION } from "../version.ts";

/** Names a folder with the archives that `npm run pack` makes. */
const VARIABLE = "P8E_PACKAGES";
/** What a project names by itself; the rest comes with these. */
const NAMED = ["@p8e/contract", "@p8e/engine", "p8e"] as const;
const LOCK_BYTES_MAX = 64 * 1024 * 1024;

/** Where a project has the packages of p8e from, in the words of its package.json. */
export interface PackageSource {
  readonly packages: Readonly<Record<(typeof NAMED)[number], string>>;
  /** For packages that no registry has: what those that a project names want of each other. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
}

interface Asked {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/**
 * The packages from where this command was installed: archives or a registry; in a clone they are packed, which takes a
 * while when something has changed. `P8E_PACKAGES` names a folder with archives instead.
 * @throws `configuration.invalid` when the folder has no such archives; `environment.unsupported` when nothing tells where
 *   the packages are; `process.failed` when they cannot be packed
 */
export async function packageSource({ variables, signal, say }: Asked): Promise<PackageSource> {
  const named = variables[VARIABLE];
  if (named) return fromArchives(resolve(named), `${VARIABLE} names ${named}, which`);
  // src/support in a clone, dist/support in a package.
  const own = fileURLToPath(new URL("../../", import.meta.url));
  const clone = resolve(own, "../..");
  if (basename(own) === "cli" && existsSync(join(clone, "scripts/pack.ts"))) {
    say("Packing p8e's packages from this clone ...");
    return fromArchives(await packed(clone, signal), "the folder of packed packages");
  }
  const from = await installedFrom(own);
  if (from === undefined) {
    throw new P8eError(
      "environment.unsupported",
      "nothing tells where the packages of p8e come from, and they are not published",
      {
        hint: `Set ${VARIABLE} to the folder that npm run pack -- --out FOLDER has made in a clone.`,
      },
    );
  }
  if (from.startsWith("file:"))
    return fromArchives(dirname(from.slice("file:".length)), "the folder p8e was installed from");
  return { packages: { "@p8e/contract": VERSION, "@p8e/engine": VERSION, p8e: VERSION } };
}

/** Every archive of this version in a folder. */
async function fromArchives(folder: string, what: string): Promise<PackageSource> {
  const ending = `-${VERSION}.tgz`;
  const names = await readdir(folder).catch((): string[] => []);
  const archives = Object.fromEntries(
    names
      .filter((file) => /^p8e(?:-[a-z-]+)?-\d/.test(file) && file.endsWith(ending))
      .map((file) => [file.slice(0, -ending.length).replace(/^p8e-/, "@p8e/"), `file:${join(folder, file)}`]),
  );
  const { "@p8e/contract": contract, "@p8e/engine": engine, p8e, ...overrides } = archives;
  if (contract === undefined || engine === undefined || p8e === undefined) {
    throw new P8eError("configuration.invalid", `${what} has no archives of p8e ${VERSION}`, {
      facts: { folder, version: VERSION },
      hint: "npm run pack -- --out FOLDER makes them, in a clone.",
    });
  }
  return { packages: { "@p8e/contract": contract, "@p8e/engine": engine, p8e }, overrides };
}

async function packed(clone: string, signal: AbortSignal): Promise<string> {
  try {
    const args = [join(clone, "scripts/run.mjs"), "pack", "--cached"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: clone, signal });
    return stdout.trim().split("\n").at(-1)!;
  } catch (cause) {
    throwIfCancelled(signal);
    throw new P8eError("process.failed", "the packages of p8e could not be packed", { cause });
  }
}

/** For an address that is not told. */
const REGISTRY = "registry";

const lockShape = shape.openObject({
  packages: shape.map(shape.openObject({ resolved: shape.optional(shape.text({ lengthMax: 4096 })) }), 100_000),
});

/**
 * What npm wrote down of this package: `file:` and the archive's path, or an address, which it can be told to leave out;
 * undefined where it wrote nothing. pnpm says it in the name of the package's folder.
 */
async function installedFrom(own: string): Promise<string | undefined> {
  const modules = dirname(resolve(own));
  if (basename(modules) !== "node_modules") return undefined;
  const text = await readFile(join(modules, ".package-lock.json"), "utf8").catch(() => undefined);
  if (text === undefined) return basename(dirname(modules)).startsWith(`p8e@${VERSION}`) ? REGISTRY : undefined;
  const lock = parseJson(lockShape, text, { what: "npm's list of what is installed", bytesMax: LOCK_BYTES_MAX });
  const listed = lock.packages[`node_modules/${basename(resolve(own))}`];
  const resolved = listed && (listed.resolved ?? REGISTRY);
  return resolved?.startsWith("file:") ? `file:${resolve(dirname(modules), resolved.slice("file:".length))}` : resolved;
}
