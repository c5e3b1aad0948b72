import { fstatSync, read, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { Socket } from "node:net";
import { isatty } from "node:tty";
import { promisify } from "node:util";
import { P8eError, throwIfCancelled } from "@p8e/core";
import { PASSPHRASE_BYTES_MAX, type PassphraseSource, passphraseFromBytes } from "./passphrase-source.ts";

const BYTES_MAX = PASSPHRASE_BYTES_MAX + 2;

/**
 * A passphrase that another process hands over through an open descriptor: its first line. It is read once and given
 * again when it is asked for again, for as long as the source lives. Make it before anything else is opened: what was not
 * handed over may get the same number later.
 * @throws `key.passphrase` when the descriptor is not open or belongs to this process alone
 */
export function passphraseFromDescriptor(descriptor: number): PassphraseSource & Disposable {
  const kind = handedOver(descriptor);
  let given: Promise<Uint8Array> | undefined;
  const source = async ({ signal }: { readonly signal?: AbortSignal | undefined }) => {
    given ??= readDescriptor(descriptor, kind, signal);
    return (await given).slice();
  };
  return Object.assign(source, {
    from: `descriptor ${descriptor}`,
    [Symbol.dispose]() {
      given?.then((passphrase) => passphrase.fill(0)).catch(() => undefined);
    },
  });
}

/** What the descriptor is, if somebody else opened it. */
function handedOver(descriptor: number): Stats {
  let kind: Stats | undefined;
  let cause: unknown;
  try {
    kind = fstatSync(descriptor);
  } catch (error) {
    cause = error;
  }
  if (kind !== undefined && !(kind.isFIFO() && writesToItself(descriptor))) return kind;
  throw new P8eError("key.passphrase", `descriptor ${descriptor} is not open`, {
    facts: { descriptor },
    hint: "npx hands on descriptors 0 to 2 alone: give the passphrase on standard input with --passphrase-fd 0, or name a file with P8E_PASSPHRASE_FILE.",
    cause,
  });
}

/**
 * Whether a pipe's writing end is this process's as well, as those of the pipes that Node.js makes for itself at every
 * start: a reader would wait for ever. Only Linux tells.
 */
function writesToItself(descriptor: number): boolean {
  if (process.platform !== "linux") return false;
  const pipe = readlinkSync(`/proc/self/fd/${descriptor}`);
  return readdirSync("/proc/self/fd").some((name) => {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`) !== pipe) return false;
      // In octal; the last two bits are the access mode, 0 for reading alone.
      const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, "latin1"))?.[1];
      return (Number.parseInt(flags ?? "0", 8) & 3) !== 0;
    } catch {
      return false;
    }
  });
}

async function readDescriptor(descriptor: number, kind: Stats, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const facts = { descriptor };
  if (isatty(descriptor)) {
    throw new P8eError("input.invalid", "a terminal would show the passphrase while it is typed", {
      facts,
      hint: "Leave the option out: then p8e asks on the terminal, without showing it.",
    });
  }
  if (kind.isFIFO() || kind.isSocket()) return passphraseFromBytes(await readPipe(descriptor, signal));
  if (kind.isFile()) return passphraseFromBytes(await readFile(descriptor));
  throw new P8eError("key.passphrase", `descriptor ${descriptor} is neither a file nor a pipe`, { facts });
}

/** What can keep a reader waiting is read by events: a blocked read could not be given up. */
async function readPipe(descriptor: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  const all = Buffer.alloc(BYTES_MAX);
  let length = 0;
  const stop = () => pipe.destroy();
  signal?.addEventListener("abort", stop);
  try {
    if (signal?.aborted) stop();
    for await (const chunk of pipe as AsyncIterable<Buffer>) {
      length += chunk.copy(all, length);
      chunk.fill(0);
      if (length === BYTES_MAX || all.subarray(0, length).includes(0x0a)) break;
    }
  } catch (cause) {
    if (!signal?.aborted) throw new P8eError("key.passphrase", "the passphrase could not be read", { cause });
  } finally {
    signal?.removeEventListener("abort", stop);
    pipe.destroy();
  }
  throwIfCancelled(signal);
  return all.subarray(0, length);
}

async function readFile(descriptor: number): Promise<Uint8Array> {
  const all = Buffer.alloc(BYTES_MAX);
  let length = 0;
  while (length < BYTES_MAX) {
    const { bytesRead } = await promisify(read)(descriptor, all, length, BYTES_MAX - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return all.subarray(0, length);
}
