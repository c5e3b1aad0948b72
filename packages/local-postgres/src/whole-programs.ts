import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { P8eError } from "@p8e/core";

/** What the package says of a link, both as paths inside it: `target` is the link, `source` what it leads to. */
interface ProgramLink {
  readonly source: string;
  readonly target: string;
}

/** What the system says of a folder that is not ours to write, or that nobody can write. */
const UNWRITABLE: readonly (string | undefined)[] = ["EACCES", "EPERM", "EROFS"];

/**
 * The folder that holds a package of PostgreSQL with all its links: the package itself, or `copy`. Several processes may
 * do this at once.
 */
export function wholePrograms(folder: string, copy: string): string {
  const missing = linksOf(folder).filter(({ target }) => !existsSync(join(folder, target)));
  if (missing.length === 0) return folder;
  try {
    makeLinks(folder, missing);
    return folder;
  } catch (error) {
    if (!UNWRITABLE.includes((error as NodeJS.ErrnoException).code)) throw error;
  }
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  try {
    rmSync(draft, { recursive: true, force: true });
    cpSync(folder, draft, { recursive: true, verbatimSymlinks: true });
    makeLinks(draft, missing);
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Else another process copied the same programs first.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function linksOf(folder: string): readonly ProgramLink[] {
  const list = join(folder, "native", "pg-symlinks.json");
  return existsSync(list) ? (JSON.parse(readFileSync(list, "utf8")) as readonly ProgramLink[]) : [];
}

function makeLinks(folder: string, links: readonly ProgramLink[]): void {
  for (const { source, target } of links) {
    // As all of them are: a library beside its other name.
    if (dirname(source) !== dirname(target) || normalize(target).startsWith("..")) {
      throw new P8eError("environment.unsupported", "the package of PostgreSQL names a link that leads elsewhere", {
        facts: { source, target },
        hint: "Install p8e again.",
      });
    }
    try {
      symlinkSync(basename(source), join(folder, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
