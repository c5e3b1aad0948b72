import { concatBytes } from "@p8e/core";
import { type Door, functionDoor } from "./door.ts";
import type { Random } from "./random.ts";

/** One of several readers behind a door. */
export interface DoorReader {
  readonly seeds: readonly Uint8Array[];
  readonly generate?: (random: Random) => Uint8Array;
  readonly read: (bytes: Uint8Array) => Promise<unknown> | unknown;
}

/** A door of several readers: the first byte of an input chooses one of them, which is given the rest. */
export function readersDoor(
  readers: readonly DoorReader[],
  options: { readonly bytesMax: number; readonly words?: readonly string[]; readonly close?: () => Promise<void> },
): Door {
  const { close = async () => undefined, ...rest } = options;
  const chosen = (index: number, bytes: Uint8Array) => concatBytes(Uint8Array.of(index), bytes);
  const door = functionDoor({
    ...rest,
    seeds: readers.flatMap(({ seeds }, index) => seeds.map((seed) => chosen(index, seed))),
    generate(random) {
      const index = random.below(readers.length);
      const { generate, seeds } = readers[index]!;
      return chosen(index, generate === undefined ? random.pick(seeds) : generate(random));
    },
    async run(input) {
      await readers[(input[0] ?? 0) % readers.length]!.read(input.subarray(1));
    },
  });
  return { ...door, [Symbol.asyncDispose]: close };
}
