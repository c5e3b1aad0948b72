import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { QuickJSSyncVariant } from "@jitl/quickjs-ffi-types";
import variant from "@jitl/quickjs-wasmfile-release-sync";
import { hashContent, P8eError } from "@p8e/core";
import type { InterpreterBuild } from "./interpreter.ts";
import { webAssembly } from "./web-assembly.ts";

/** SHA-256 of the interpreter of ABI 1. Another one could cost other fuel, or fail where this one does not. */
const INTERPRETER_HASH = "EFw77SLUV+Q+PRw8HGlZ/aYqj+BvD8iphTA8OivnIjI=";

/**
 * Compiles the interpreter; the result can be sent to other threads.
 *
 * @throws P8eError `environment.unsupported` if the installed interpreter is another than the ABI's
 */
export function compileInterpreter(): WebAssembly.Module {
  const bytes = readFileSync(fileURLToPath(import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm")));
  const found = hashContent(bytes);
  if (found !== INTERPRETER_HASH) {
    throw new P8eError("environment.unsupported", "the installed interpreter is not the one of this contract ABI", {
      facts: { expected: INTERPRETER_HASH, actual: found },
      hint: "Install the dependencies that the lock file names.",
    });
  }
  return new webAssembly.Module(bytes);
}

/** The build's loader and raw functions, over a module that is compiled already. */
export async function loadInterpreterBuild(wasm: WebAssembly.Module): Promise<InterpreterBuild> {
  // Its types are written for CommonJS, where the default would be one level deeper.
  const { importModuleLoader, importFFI } = variant as unknown as QuickJSSyncVariant;
  const [loader, Ffi] = await Promise.all([importModuleLoader(), importFFI()]);
  const load =
    typeof loader === "function" ? loader : "default" in loader.default ? loader.default.default : loader.default;
  return { wasm, load, Ffi };
}
