import { isOfLibrary, type SourcePlaces } from "@p8e/contract";

const WORDS_MAX = 12;

/**
 * Texts that a contract's source compares values with, perhaps: its short string literals. The protobuf library's own are
 * left out.
 */
export function bundleWords(bundle: string, places: SourcePlaces): readonly string[] {
  const found = new Set<string>();
  for (const [index, line] of bundle.split("\n").entries()) {
    // Those with escapes are left out.
    for (const { 1: word = "", index: column } of line.matchAll(/"([^"\\]{1,60})"/g)) {
      const file = places.placeOf(index + 1, column + 1)?.file;
      if (file === undefined || isOfLibrary(file)) continue;
      if (word.isWellFormed()) found.add(word);
    }
  }
  // Those that stand last are the entry file's, which says what the contract does.
  return [...found].slice(-WORDS_MAX).reverse();
}
