import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type ContentHash,
  hasCode,
  P8eError,
  parseContentHash,
  parseJson,
  parseMetadataAddress,
  parseUuid,
  type ScopeAddress,
  shape,
  type Uuid,
  utf8Decode,
} from "@p8e/core";
import { readRegularFile } from "@p8e/machine";
import type { LocatedProfile } from "./profile/profile.ts";
import { stateFolder } from "./state-path.ts";

/**
 * What was stored and written last by a profile, or by the parties of an environment, which share one: what `@last` and
 * the beginnings of hashes stand for where no database can be asked.
 */
export interface LastNamed {
  /** Of the objects that were stored, the newest first. */
  readonly hashes: readonly ContentHash[];
  readonly scope?: ScopeAddress | undefined;
  /** The execution of a session that others were asked to sign. */
  readonly session?: Uuid | undefined;
  /** Whether an object or a scope came last. */
  readonly latest: "hash" | "scope";
}

/** Something to remember. */
export type Named =
  | { readonly hash: ContentHash }
  | { readonly scope: ScopeAddress; readonly session?: Uuid | undefined };

const FORMAT = 1;
const BYTES_MAX = 100_000;
/** As many hashes are kept. */
const HASHES_MAX = 200;

const lastShape = shape.object({
  format: shape.only(FORMAT),
  hashes: shape.list(shape.parsed("a hash", parseContentHash), HASHES_MAX),
  scope: shape.optional(shape.parsed("a scope's address", (text) => parseMetadataAddress(text, "scope"))),
  session: shape.optional(shape.parsed("a UUID", parseUuid)),
  latest: shape.oneOf(["hash", "scope"]),
});

/** Undefined where nothing was remembered yet. @throws `state.corrupt`, `configuration.invalid` */
export async function lastNamed(of: Pick<LocatedProfile, "dataDir">): Promise<LastNamed | undefined> {
  const file = fileOf(of);
  let text: string;
  try {
    text = utf8Decode(await readRegularFile(file, BYTES_MAX));
  } catch (error) {
    if (!existsSync(file)) return undefined;
    throw P8eError.from(error, "configuration.invalid");
  }
  const { format: _, ...last } = parseJson(lastShape, text, {
    what: "the file",
    file,
    code: "state.corrupt",
    newestFormat: FORMAT,
    bytesMax: BYTES_MAX,
  });
  return last;
}

/** What is no history any more is begun anew; one of a newer release, or that cannot be read just now, is left alone. */
function unlessCorrupt(error: unknown): undefined {
  if (!hasCode(error, "state.corrupt")) throw error;
}

/** The file appears whole; of two processes at once the later one's is kept. @throws `configuration.invalid`, `state.newer` */
export async function rememberNamed(of: Pick<LocatedProfile, "dataDir">, named: Named): Promise<void> {
  const before = await lastNamed(of).catch(unlessCorrupt);
  const hashes = before?.hashes ?? [];
  const after: LastNamed =
    "hash" in named
      ? {
          ...before,
          hashes: [named.hash, ...hashes.filter((hash) => hash !== named.hash)].slice(0, HASHES_MAX),
          latest: "hash",
        }
      : { hashes, scope: named.scope, session: named.session ?? before?.session, latest: "scope" };
  const file = fileOf(of);
  const draft = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    await mkdir(stateFolder(of), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify({ format: FORMAT, ...after }, null, 2)}\n`, { flag: "wx", mode: 0o600 });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new P8eError("configuration.invalid", `${file} cannot be written`, { facts: { file }, cause });
  }
}

function fileOf(of: Pick<LocatedProfile, "dataDir">): string {
  return join(stateFolder(of), "last-named.json");
}
