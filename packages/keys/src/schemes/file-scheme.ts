import { resolve } from "node:path";
import { isP8eError, P8eError } from "@p8e/core";
import { localKey } from "@p8e/crypto";
import { KEY_FILE_BYTES_MAX, readKeyFile } from "../files/key-file-content.ts";
import { readSecretFile } from "../files/secret-file.ts";
import type { KeyScheme } from "../key-scheme.ts";

/** `file:PATH`: our encrypted key file, PEM, or a key's hex. A file of two keys gives each use its own. */
export const fileScheme: KeyScheme = {
  name: "file",
  locate: (text) => ({ source: text }),
  async open(source, wanted, { folder, passphrase, signal }) {
    const path = resolve(folder, source);
    const bytes = await readSecretFile(path, { sizeMax: KEY_FILE_BYTES_MAX, signal });
    const stack = new DisposableStack();
    try {
      const keys = await readKeyFile(bytes, () => passphrase({ purpose: "open", what: path, signal }), { signal });
      stack.use(keys.signing);
      stack.use(keys.encryption);
      return {
        keys: wanted.map(({ use }) => localKey(keys[use])),
        [Symbol.asyncDispose]: async () => stack.dispose(),
      };
    } catch (error) {
      throw naming(path, error);
    } finally {
      bytes.fill(0);
    }
  },
};

/** Says which file it was: there may be several. */
function naming(path: string, thrown: unknown): unknown {
  if (!isP8eError(thrown) || thrown.facts.path !== undefined) return thrown;
  const { code, message, facts, hint } = thrown;
  return new P8eError(code, message, {
    facts: { ...facts, path },
    hint,
    cause: thrown,
  });
}
