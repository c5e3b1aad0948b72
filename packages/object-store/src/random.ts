import { randomBytes } from "node:crypto";
import type { RandomBytes } from "@p8e/core";

/** The system's random bytes. */
export const systemRandom: RandomBytes = (length) => new Uint8Array(randomBytes(length));

/** A number from 0 up to, and without, 1. */
export function randomFraction(random: RandomBytes): number {
  const bytes = random(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
