import { localKey, type PrivateKey, privateKeyFromMnemonic } from "@p8e/crypto";
import type { KeyContext, KeyLocation, OpenedSource, WantedKey } from "../key-scheme.ts";

const PATH_QUERY = "?path=";

/** `WHERE?path=m/…`: the last `?path=` counts, since a file's name may hold anything. */
export function locateWithPath(text: string): KeyLocation {
  const at = text.lastIndexOf(PATH_QUERY);
  return at < 0 ? { source: text } : { source: text.slice(0, at), path: text.slice(at + PATH_QUERY.length) };
}

/**
 * The keys that words lead to, by the paths named or, where none is, by the surroundings'.
 * @throws `key.invalid` for words that are no mnemonic, or a path that is none
 */
export function keysFromWords(words: string, wanted: readonly WantedKey[], context: KeyContext): OpenedSource {
  return localSource(
    wanted.map(
      ({ use, path }) =>
        () =>
          privateKeyFromMnemonic(words, path ?? context.paths[use]),
    ),
  );
}

/** Keys in this process's memory, wiped together; also when one of them cannot be made. */
export function localSource(make: readonly (() => PrivateKey)[]): OpenedSource {
  using stack = new DisposableStack();
  const keys = make.map((each) => localKey(stack.use(each())));
  const owned = stack.move();
  return { keys, [Symbol.asyncDispose]: async () => owned.dispose() };
}
