import { mkdir, open, readdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { P8eError, parseJson, shape } from "@p8e/core";
import type { LocatedProfile } from "../profile/profile.ts";
import { stateFolder, stateName } from "../state-path.ts";

/** A transaction that a party signed by itself, outside of sessions: all that is needed to ask what became of it. */
export interface SentTransaction {
  /** Upper-case hex. */
  readonly hash: string;
  readonly chainId: string;
  /** The newest block when it was signed. */
  readonly notBefore: bigint;
  /** The last block that may have it. */
  readonly timeoutHeight: bigint;
  /** Type URLs of its messages, in order. */
  readonly messages: readonly string[];
  /** In nhash: what was offered. */
  readonly fee: bigint;
  readonly signedAt: Date;
}

const FORMAT = 1;
const BYTES_MAX = 100_000;
/** As many are told at most, the newest first. */
const LISTED_MAX = 20;

const HASH = /^[0-9A-F]{64}$/;
const hash = shape.text({ form: HASH, says: "a transaction's hash" });
const number = shape.parsed("a whole number", (text) => {
  if (!/^\d{1,38}$/.test(text)) throw new P8eError("input.invalid", "no whole number");
  return BigInt(text);
});
const sentShape = shape.object({
  format: shape.only(FORMAT),
  hash,
  chainId: shape.text({ says: "a chain id", lengthMax: 50 }),
  notBefore: number,
  timeoutHeight: number,
  messages: shape.list(shape.text({ says: "a type URL", lengthMax: 300 }), 1000),
  fee: number,
  signedAt: shape.parsed("a time", (text) => {
    const time = new Date(text);
    if (Number.isNaN(time.getTime())) throw new P8eError("input.invalid", "no time");
    return time;
  }),
});

/** Remembers it durably: when this returns, a crash of the machine does not lose it. Meant for before it is sent. */
export async function rememberSent(located: LocatedProfile, sent: SentTransaction): Promise<void> {
  const folder = folderOf(located);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { notBefore, timeoutHeight, fee, signedAt, ...rest } = sent;
  const value = {
    format: FORMAT,
    ...rest,
    notBefore: String(notBefore),
    timeoutHeight: String(timeoutHeight),
    fee: String(fee),
    signedAt: signedAt.toISOString(),
  };
  const path = join(folder, `${sent.hash}.json`);
  {
    await using file = await open(`${path}.new`, "w", 0o600);
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await file.sync();
  }
  await rename(`${path}.new`, path);
  await syncFolder(folder);
}

/** Undefined when this party signed no such transaction here. @throws `state.corrupt`, `input.invalid` for what is no hash */
export async function sentTransaction(located: LocatedProfile, text: string): Promise<SentTransaction | undefined> {
  return await read(join(folderOf(located), `${requireTransactionHash(text)}.json`));
}

/** In capitals, as the chain names it. @throws `input.invalid` for what is no hash */
export function requireTransactionHash(text: string): string {
  const name = text.toUpperCase();
  if (HASH.test(name)) return name;
  throw new P8eError("input.invalid", "a transaction's hash has 64 hexadecimal digits", {
    facts: { given: text.slice(0, 80) },
  });
}

/** The hashes of those that begin so, in capitals. */
export async function sentHashesBeginning(located: LocatedProfile, beginning: string): Promise<readonly string[]> {
  const names = await readdir(folderOf(located)).catch(() => []);
  const hashes = names.map((name) => name.replace(/\.json$/, "")).filter((name) => HASH.test(name));
  return hashes.filter((name) => name.startsWith(beginning.toUpperCase()));
}

/** The newest of them, newest first. */
export async function sentTransactions(located: LocatedProfile): Promise<readonly SentTransaction[]> {
  const folder = folderOf(located);
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith(".json"))
      .map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
  );
  const newest = files.sort((one, other) => other.at - one.at).slice(0, LISTED_MAX);
  const found = await Promise.all(newest.map(({ path }) => read(path)));
  return found.filter((each) => each !== undefined);
}

function folderOf(located: LocatedProfile): string {
  return join(stateFolder(located), `${stateName(located)}.transactions`);
}

async function read(path: string): Promise<SentTransaction | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw P8eError.from(error, "configuration.invalid");
  }
  const { format: _, ...sent } = parseJson(sentShape, text, {
    what: "the file",
    file: path,
    code: "state.corrupt",
    newestFormat: FORMAT,
    bytesMax: BYTES_MAX,
  });
  return sent;
}

/** A rename is on the disk when its folder is; where a folder cannot be opened, the system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // Windows opens no folders.
  }
}
