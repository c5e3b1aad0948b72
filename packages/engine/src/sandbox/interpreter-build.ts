import { readFileSync } from "node:fs";
import { hashContent, P8eError } from "@p8e/core";
import { webAssembly } from "./web-assembly.ts";

/** SHA-256 of the interpreter of ABI 2. Another one could cost other fuel, or fail where this one does not. */
const INTERPRETER_HASH = "fZYxKV/weadoT2zhTS+zBhMyy8SbzuZ+pS0gu/YUBa8=";

/** The interpreter with its meter; how it was made is in the folder's README. */
const INTERPRETER = new URL("../../interpreter/interpreter.metered.wasm", import.meta.url);

/**
 * Compiles the interpreter; the result can be sent to other threads.
 *
 * @throws P8eError `environment.unsupported` if the interpreter that is installed is another than the ABI's
 */
export function compileInterpreter(): WebAssembly.Module {
  const bytes = readFileSync(INTERPRETER);
  const found = hashContent(bytes);
  if (found !== INTERPRETER_HASH) {
    throw new P8eError("environment.unsupported", "the installed interpreter is not the one of this contract ABI", {
      facts: { expected: INTERPRETER_HASH, actual: found },
      hint: "Install p8e again.",
    });
  }
  return new webAssembly.Module(bytes);
}
