import { hasCode, P8eError, utf8Encode } from "@p8e/core";

/** What a passphrase is asked for. */
export interface PassphraseRequest {
  /** Whether it opens something or protects something new: a person is asked twice then. */
  readonly purpose: "open" | "create";
  /** What it is for, in words for a person: a file's path. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where passphrases come from: a terminal, a file, a descriptor. Bytes as {@link passphraseFromBytes} gives them; whoever
 * asked wipes them.
 * @throws `key.passphrase` when there is none to be had, `input.invalid`, `rpc.cancelled`
 */
export interface PassphraseSource {
  (request: PassphraseRequest): Promise<Uint8Array>;
  /** Where it comes from when nobody is asked, in words for a person: a file's path. */
  readonly from?: string | undefined;
}

/** A passphrase that opens nothing is told with where it came from; other errors pass. */
export function tellSource(thrown: unknown, { from }: PassphraseSource): unknown {
  if (from === undefined || !hasCode(thrown, "key.passphrase") || thrown.hint !== undefined) return thrown;
  const { message, facts } = thrown;
  return new P8eError("key.passphrase", message, { facts, hint: `It was read from ${from}.`, cause: thrown });
}

/** Longer than anybody types or generates. */
export const PASSPHRASE_BYTES_MAX = 1024;

/**
 * The passphrase in what was typed or read: the first line, in one spelling (NFKC, which matters beyond ASCII alone). The
 * bytes given are wiped.
 * @throws `input.invalid` when it is empty or too long
 */
export function passphraseFromBytes(read: Uint8Array): Uint8Array {
  const end = read.indexOf(0x0a);
  let line = end < 0 ? read : read.subarray(0, end);
  if (line.at(-1) === 0x0d) line = line.subarray(0, -1);
  try {
    if (line.length === 0) throw new P8eError("input.invalid", "a passphrase is not empty");
    if (line.length > PASSPHRASE_BYTES_MAX) {
      throw new P8eError("input.invalid", `a passphrase has at most ${PASSPHRASE_BYTES_MAX} bytes`);
    }
    // ASCII is its own normal form, and need not become a text that cannot be wiped.
    return line.every((byte) => byte < 0x80) ? new Uint8Array(line) : normalized(line);
  } finally {
    read.fill(0);
  }
}

function normalized(bytes: Uint8Array): Uint8Array {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new Uint8Array(bytes);
  }
  return utf8Encode(text.normalize("NFKC"));
}
