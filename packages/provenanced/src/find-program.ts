import { constants } from "node:fs";
import { access, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { P8eError } from "@p8e/core";
import { runProgram } from "./program.ts";

/** Names the program of a Provenance node; without it the search path is looked through. */
export const PROGRAM_VARIABLE = "P8E_PROVENANCED";
/** Where the program comes from. */
export const RELEASE_PAGE = "https://github.com/provenance-io/provenance/releases";
/** The first version with flat fees. */
const OLDEST = { major: 1, minor: 26 } as const;

/** The program of a real Provenance node. */
export interface NodeProgram {
  /** Its file, no symbolic link: its libraries lie beside it. */
  readonly program: string;
  /** As it says itself: `v1.30.0`. */
  readonly version: string;
}

/**
 * The program that `P8E_PROVENANCED` names, else `provenanced` of the search path.
 * @param variables environment variables: `P8E_PROVENANCED` and `PATH`
 * @throws `environment.unsupported` when there is none, it does not run, or it is older than v1.26
 */
export async function findNodeProgram(
  variables: Readonly<Record<string, string | undefined>>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<NodeProgram> {
  const named = variables[PROGRAM_VARIABLE];
  const places = named
    ? [resolve(named)]
    : (variables.PATH ?? "").split(delimiter).flatMap((folder) => (folder === "" ? [] : [join(folder, "provenanced")]));
  const program = await firstExecutable(places);
  if (program === undefined) {
    const where = named ? `${PROGRAM_VARIABLE} names ${named}, which is no program` : "none is on the search path";
    throw unsupported(`there is no Provenance node here: ${where}`, {});
  }
  const version = await versionOf(program, options.signal);
  requireVersion(program, version);
  return { program, version };
}

/** @throws `environment.unsupported` for a version before v1.26, and for text that is no version */
function requireVersion(program: string, version: string): void {
  const [, major, minor] = (/^v?(\d{1,6})\.(\d{1,6})\./.exec(version) ?? []).map(Number);
  const isEnough = major !== undefined && (major > OLDEST.major || (major === OLDEST.major && minor! >= OLDEST.minor));
  if (isEnough) return;
  throw unsupported(`${program} says that its version is "${version}"; v1.26 or later is needed`, { program, version });
}

async function versionOf(program: string, signal: AbortSignal | undefined): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "p8e-version-"));
  try {
    return (await runProgram(program, home, ["version"], { signal })).trim().slice(0, 100);
  } catch (cause) {
    signal?.throwIfAborted();
    throw unsupported(`${program} cannot be run`, { program }, cause);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function firstExecutable(places: readonly string[]): Promise<string | undefined> {
  for (const place of places) {
    try {
      await access(place, constants.X_OK);
      return await realpath(place);
    } catch {
      // Not here.
    }
  }
  return undefined;
}

function unsupported(message: string, facts: Readonly<Record<string, string>>, cause?: unknown): P8eError {
  return new P8eError("environment.unsupported", message, {
    facts: { ...facts, variable: PROGRAM_VARIABLE, releases: RELEASE_PAGE },
    hint: `Releases are at ${RELEASE_PAGE}; ${PROGRAM_VARIABLE} names the unpacked program.`,
    cause,
  });
}
