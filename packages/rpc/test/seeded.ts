export type Random = () => number;

/** Marsaglia's xorshift, from 0 to below 1: the same seed draws the same numbers. */
export function seeded(seed: number): Random {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
