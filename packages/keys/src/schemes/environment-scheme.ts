import { P8eError } from "@p8e/core";
import { privateKeyFromProtoHex } from "@p8e/crypto";
import type { KeyScheme } from "../key-scheme.ts";
import { keysFromWords, localSource, locateWithPath } from "./derived-keys.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const VALUE_MAX = 1024;
const HEX = /^\s*[0-9a-fA-F]+\s*$/;

/** `env:NAME`: a variable with a key's hex, or with the words of a mnemonic (`env:NAME?path=m/…`). */
export const environmentScheme: KeyScheme = {
  name: "env",
  locate(text) {
    const location = locateWithPath(text);
    if (NAME.test(location.source)) return location;
    // The text is not repeated: somebody may have put a value where a name belongs.
    throw new P8eError("configuration.invalid", 'what follows "env:" is not the name of a variable');
  },
  async open(source, wanted, context) {
    const value = context.variables[source];
    if (value === undefined || value.trim() === "") {
      throw new P8eError("key.unavailable", `the environment variable ${source} is not set`, {
        facts: { variable: source },
      });
    }
    if (value.length > VALUE_MAX) {
      throw new P8eError("key.invalid", `the environment variable ${source} is too long for a key or a mnemonic`, {
        facts: { variable: source },
      });
    }
    try {
      if (!HEX.test(value)) return keysFromWords(value, wanted, context);
      return localSource(wanted.map(() => () => privateKeyFromProtoHex(value)));
    } catch (error) {
      const { code, message, facts } = P8eError.from(error);
      throw new P8eError(code, message, { facts: { ...facts, variable: source }, cause: error });
    }
  },
};
