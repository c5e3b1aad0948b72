import { resolve } from "node:path";
import { localKey } from "@p8e/crypto";
import { KEY_FILE_BYTES_MAX, readKeyFile } from "../files/key-file-content.ts";
import { readSecretFile } from "../files/secret-file.ts";
import type { KeyScheme } from "../key-scheme.ts";
import { tellSource } from "../passphrase/passphrase-source.ts";
import { naming } from "./naming.ts";

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
      throw naming(path, tellSource(error, passphrase));
    } finally {
      bytes.fill(0);
    }
  },
};
