import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { hexDecode, isP8eError, type RandomBytes, sha256, utf8Encode } from "@p8e/core";
import {
  type CurveBackend,
  type KeyReference,
  localKey,
  nativeBackend,
  type PrivateKey,
  parsePrivateKey,
  portableBackend,
} from "@p8e/crypto";

export const backends: readonly CurveBackend[] = [nativeBackend(), portableBackend()];

export interface Vector {
  readonly id: string;
  readonly verified: string;
  // biome-ignore lint/suspicious/noExplicitAny: vectors differ in shape; tests read them as they are written
  readonly [field: string]: any;
}

export function vectorsOf(file: string): readonly Vector[] {
  const url = new URL(`../../../vectors/${file}`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { vectors: Vector[] }).vectors;
}

export function vector(file: string, id: string): Vector {
  return vectorsOf(file).find((candidate) => candidate.id === id) ?? assert.fail(`no vector ${id} in ${file}`);
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** dev-1, dev-2, dev-3 of keys.json. */
export function developmentKey(id: string): PrivateKey {
  return parsePrivateKey(hexDecode(vector("keys.json", id).privateKey as string));
}

export function reference(id: string, backend?: CurveBackend): KeyReference {
  return localKey(developmentKey(id), backend);
}

/** The same bytes for the same seed, each call in a buffer of its own. */
export function seededRandom(seed: string | number): RandomBytes {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      bytes.set(sha256(utf8Encode(`${seed}/${counter++}`)).subarray(0, length - offset), offset);
    }
    return bytes;
  };
}

/** Gives out exactly these, in this order. */
export function scriptedRandom(...hex: readonly string[]): RandomBytes {
  const queue = hex.map((text) => hexDecode(text));
  return (length) => {
    const next = queue.shift() ?? assert.fail("the script of random bytes is over");
    assert.equal(next.length, length, "the script of random bytes has another length here");
    return next;
  };
}

export async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size);
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}

/** The code of the P8eError that `action` ends with; "ok" when it does not. */
export async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
    return "ok";
  } catch (error) {
    if (isP8eError(error)) return error.code;
    throw error;
  }
}

/**
 * Where the files of Project Wycheproof are: third-party data, not part of the repository. Where WYCHEPROOF_DIR does not
 * lead to them one line says what is skipped, and P8E_REQUIRE_PEERS makes that a failure.
 */
export function wycheproofFolder(): string | undefined {
  const folder = process.env.WYCHEPROOF_DIR;
  if (folder !== undefined && existsSync(folder)) return folder;
  if (process.env.P8E_REQUIRE_PEERS) assert.fail("WYCHEPROOF_DIR does not lead to Project Wycheproof's files");
  console.log("skipped: Project Wycheproof's cases: WYCHEPROOF_DIR does not lead to its files");
  return undefined;
}
