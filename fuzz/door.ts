import type { Random } from "./random.ts";

/** A place where bytes from outside come in, opened in a process of its own. */
export interface Door extends AsyncDisposable {
  /** Inputs that are well formed, from which others are made. */
  readonly seeds: readonly Uint8Array[];
  /** Longer inputs are not made. */
  readonly bytesMax: number;
  /** What texts are made of here; an input is mutated as a text where it is given. */
  readonly words?: readonly string[];
  /** An input by the door's own grammar. */
  readonly generate?: (random: Random) => Uint8Array;
  /**
   * Takes one input through the door. What it throws is a P8eError, or a finding; so is whatever ends the process, or
   * takes its time.
   */
  run(input: Uint8Array): Promise<void> | void;
}

/** What a module of `doors/` exports. */
export interface DoorModule {
  openDoor(): Promise<Door>;
}

/** A door of a pure function. */
export function functionDoor(door: Omit<Door, typeof Symbol.asyncDispose>): Door {
  return { ...door, [Symbol.asyncDispose]: async () => undefined };
}
