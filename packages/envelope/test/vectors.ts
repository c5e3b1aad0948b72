import { readFileSync } from "node:fs";

export interface Vector {
  readonly id: string;
  readonly verified: string;
  readonly [field: string]: unknown;
}

export function vector(file: string, id: string): Vector {
  const { vectors } = JSON.parse(readFileSync(new URL(`../../../vectors/${file}`, import.meta.url), "utf8")) as {
    vectors: Vector[];
  };
  const found = vectors.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no vector ${id} in ${file}`);
  return found;
}

export function base64Field(from: Vector, name: string): Uint8Array {
  return new Uint8Array(Buffer.from(from[name] as string, "base64"));
}

export function hexField(from: Vector, name: string): Uint8Array {
  return new Uint8Array(Buffer.from(from[name] as string, "hex"));
}
