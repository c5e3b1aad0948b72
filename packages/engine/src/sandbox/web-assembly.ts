import type { Brand } from "@p8e/core";

/** A compiled module; it can be sent to other threads. */
export type WasmModule = Brand<object, "WasmModule">;

/** The part of the platform's WebAssembly that is used here; the compiler's library has it for browsers only. */
interface WebAssemblyPlatform {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: object };
}

/** An instance's memory. */
export interface WasmMemory {
  /** Replaced by another when the memory grows. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A global of 64 bits. */
export interface WasmCounter {
  value: bigint;
}

/** The platform's WebAssembly. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyPlatform }).WebAssembly;
