// The repository's known answers, read with the shape that the caller knows from the file.
import { readFileSync } from "node:fs";

interface Identified {
  readonly id: string;
}

/** Every entry of vectors/FILE.json. */
export function vectors<Shape>(file: string): readonly (Shape & Identified)[] {
  const text = readFileSync(new URL(`../../vectors/${file}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { vectors: (Shape & Identified)[] }).vectors;
}

export function vector<Shape>(file: string, id: string): Shape & Identified {
  const found = vectors<Shape>(file).find((each) => each.id === id);
  if (!found) throw new Error(`vectors/${file}.json has no entry ${id}`);
  return found;
}

export interface KeyVector {
  readonly privateKey: string;
  readonly publicKeyUncompressed: string;
  readonly publicKeyCompressed: string;
  readonly privateKeyProtoHex: string;
  readonly publicKeyProtoHex: string;
  readonly publicKeyBase64: string;
  readonly addressTestnet?: string;
  readonly addressMainnet?: string;
  readonly publicKeyPem?: string;
  readonly privateKeyPem?: string;
  readonly spkiDerHex?: string;
  readonly pkcs8DerHex?: string;
}

/** The development parties dev-1, dev-2, dev-3: published keys, never of value. */
export function developmentKey(number: 1 | 2 | 3): KeyVector {
  return vector<KeyVector>("keys", `dev-${number}`);
}

export const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("base64");
export const fromHex = (hex: string): Buffer => Buffer.from(hex, "hex");
export const fromBase64 = (text: string): Buffer => Buffer.from(text, "base64");
export const hexToBase64 = (hex: string): string => fromHex(hex).toString("base64");
export const base64ToHex = (text: string): string => fromBase64(text).toString("hex");
