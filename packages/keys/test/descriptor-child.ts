// Reads a passphrase from descriptor 3 and says it, or the error's code.
import process from "node:process";
import { P8eError, utf8Decode } from "@p8e/core";
import { passphraseFromDescriptor } from "@p8e/keys";

const stop = new AbortController();
using source = passphraseFromDescriptor(3);
const asked = source({ purpose: "open", what: "a file", signal: stop.signal });
if (process.argv[2] === "give up") stop.abort();
process.stdout.write(
  await asked.then(
    (bytes) => utf8Decode(bytes),
    (error: unknown) => P8eError.from(error).code,
  ),
);
