import { fstat, read } from "node:fs";
import { Socket } from "node:net";
import { isatty } from "node:tty";
import { promisify } from "node:util";
import { P8eError, throwIfCancelled } from "@p8e/core";
import { PASSPHRASE_BYTES_MAX, type PassphraseSource, passphraseFromBytes } from "./passphrase-source.ts";

const BYTES_MAX = PASSPHRASE_BYTES_MAX + 2;

/**
 * A passphrase that another process hands over through an open descriptor: its first line. It is read once and given
 * again when it is asked for again, for as long as the source lives.
 */
export function passphraseFromDescriptor(descriptor: number): PassphraseSource & Disposable {
  let given: Promise<Uint8Array> | undefined;
  const source = async ({ signal }: { readonly signal?: AbortSignal | undefined }) => {
    given ??= readDescriptor(descriptor, signal);
    return (await given).slice();
  };
  return Object.assign(source, {
    [Symbol.dispose]() {
      given?.then((passphrase) => passphrase.fill(0)).catch(() => undefined);
    },
  });
}

async function readDescriptor(descriptor: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const facts = { descriptor };
  const kind = await promisify(fstat)(descriptor).catch((cause: unknown) => {
    throw new P8eError("key.passphrase", `descriptor ${descriptor} is not open`, { facts, cause });
  });
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
