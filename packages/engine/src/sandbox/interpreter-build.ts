import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { QuickJSSyncVariant } from "@jitl/quickjs-ffi-types";
import variant from "@jitl/quickjs-wasmfile-release-sync";
import type { InterpreterBuild } from "./interpreter.ts";
import { webAssembly } from "./web-assembly.ts";

/** Compiles the interpreter; the result can be sent to other threads. */
export function compileInterpreter(): WebAssembly.Module {
  const file = fileURLToPath(import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm"));
  return new webAssembly.Module(readFileSync(file));
}

export async function loadInterpreterBuild(wasm: WebAssembly.Module): Promise<InterpreterBuild> {
  // Its types are written for CommonJS, where the default would be one level deeper.
  const { importModuleLoader, importFFI } = variant as unknown as QuickJSSyncVariant;
  const [loader, Ffi] = await Promise.all([importModuleLoader(), importFFI()]);
  const load =
    typeof loader === "function" ? loader : "default" in loader.default ? loader.default.default : loader.default;
  return { wasm, load, Ffi };
}
