import { readFileSync } from "node:fs";
import { hashContent, P8eError, utf8Decode } from "@p8e/core";
import { type WasmModule, webAssembly } from "./web-assembly.ts";

/** SHA-256 of the interpreter of ABI 2. Another one could cost other fuel, or fail where this one does not. */
const INTERPRETER_HASH = "fZYxKV/weadoT2zhTS+zBhMyy8SbzuZ+pS0gu/YUBa8=";

/** SHA-256 of the prelude of ABI 2: what it does is charged and seen like the interpreter's own work. */
const PRELUDE_HASH = "tIof+uAM4Fb7U11Lu9WjPjobStJ/5s6u94UiXUpcSqQ=";

/** The interpreter with its meter; how it was made is in the folder's README. */
const INTERPRETER = new URL("../../interpreter/interpreter.metered.wasm", import.meta.url);

/**
 * Compiles the interpreter; the result can be sent to other threads.
 *
 * @throws P8eError `environment.unsupported` if the interpreter that is installed is another than the ABI's
 */
export function compileInterpreter(): WasmModule {
  return new webAssembly.Module(pinned(INTERPRETER, INTERPRETER_HASH, "interpreter"));
}

/**
 * The source of what runs in the interpreter before a bundle is loaded.
 *
 * @throws P8eError `environment.unsupported` if the prelude that is installed is another than the ABI's
 */
export function readPrelude(): string {
  return utf8Decode(pinned(new URL("./prelude.js", import.meta.url), PRELUDE_HASH, "prelude"));
}

function pinned(file: URL, hash: string, what: string) {
  const bytes = readFileSync(file);
  const found = hashContent(bytes);
  if (found !== hash) {
    throw new P8eError("environment.unsupported", `the installed ${what} is not the one of this contract ABI`, {
      facts: { expected: hash, actual: found },
      hint: "Install p8e again.",
    });
  }
  return bytes;
}
