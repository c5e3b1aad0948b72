import { formatSize } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

const EVERY = 1000;

/** A note for each thousand objects that work on many has come to. */
export function told<T>(screen: Screen, countOf: (progress: T) => readonly [objects: number, bytes: number]) {
  let before = 0;
  return (progress: T): void => {
    const [objects, bytes] = countOf(progress);
    if (objects < before + EVERY) return;
    before = objects;
    screen.note(`${objects} objects, ${formatSize(bytes)}`);
  };
}
