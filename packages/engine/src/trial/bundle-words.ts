import { isOfLibrary, type SourcePlaces } from "@p8e/contract";

const WORDS_MAX = 12;
const LENGTH_MAX = 60;

/**
 * Literals from their beginning to their end, or the line's: what is no word has to be passed over whole, or the end of it
 * looks like the beginning of the next.
 */
const LITERALS = /"((?:[^"\\]|\\.?)*)("|$)/g;

/**
 * Texts that a contract's source compares values with, perhaps: up to twelve of its short string literals. The
 * protobuf library's own are left out.
 */
export function bundleWords(bundle: string, places: SourcePlaces): readonly string[] {
  const found = new Set<string>();
  for (const [index, line] of bundle.split("\n").entries()) {
    for (const { 1: word = "", 2: end, index: column } of line.matchAll(LITERALS)) {
      if (end === "" || word === "" || word.length > LENGTH_MAX) continue;
      // What an escape stands for is not worth the reading.
      if (word.includes("\\")) continue;
      const file = places.placeOf(index + 1, column + 1)?.file;
      if (file === undefined || isOfLibrary(file)) continue;
      if (word.isWellFormed()) found.add(word);
    }
  }
  // Those that stand last are the entry file's, which says what the contract does.
  return [...found].slice(-WORDS_MAX).reverse();
}
