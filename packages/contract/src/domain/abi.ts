/**
 * The contract ABI that bundles are made for. Its limits are part of the version: whether a function runs out of fuel
 * or memory is an outcome that all parties must agree on.
 */
export const CONTRACT_ABI = 1;

/** Within these a contract runs; one that reaches a limit gives an error of its own, on every machine at the same place. */
export interface ExecutionLimits {
  /** Heap of the guest, in bytes, for bundle, values and working memory together. */
  readonly memoryBytes: number;
  /** The interpreter's stack, in bytes. More than 256 KiB lets deep recursion reach the host's own stack. */
  readonly stackBytes: number;
  /** For each function, and for loading the bundle. One unit is 10,000 loop turns or calls (about 50 microseconds). */
  readonly fuelPerFunction: number;
  /** One function's serialized result, in bytes. */
  readonly outputBytes: number;
  /** All records and inputs of an execution together, in bytes. */
  readonly inputBytes: number;
}

const MIB = 1024 * 1024;

/** The limits of version 1. */
export const abiLimits: ExecutionLimits = Object.freeze({
  memoryBytes: 64 * MIB,
  stackBytes: 256 * 1024,
  fuelPerFunction: 20_000,
  outputBytes: 16 * MIB,
  inputBytes: 16 * MIB,
});

/** Bundles above this size are neither built nor loaded. */
export const BUNDLE_BYTES_MAX = 2 * MIB;
