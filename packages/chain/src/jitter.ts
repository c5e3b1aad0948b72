import type { RandomBytes } from "@p8e/core";

/** Between three and five quarters of `milliseconds`, so that many clients do not ask in step. */
export function jittered(milliseconds: number, random: RandomBytes): number {
  const fraction = (random(1)[0] ?? 128) / 255;
  return milliseconds * (0.75 + fraction / 2);
}
