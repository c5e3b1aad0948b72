/**
 * The contract ABI that bundles are made for. Its limits are part of the version: whether a function runs out of fuel
 * or memory is an outcome that all parties must agree on.
 */
export const CONTRACT_ABI = 2;

/** Within these a contract runs; one that reaches a limit gives an error of its own, on every machine at the same place. */
export interface ExecutionLimits {
  /** Heap of the guest, in bytes, for bundle, values and working memory together. */
  readonly memoryBytes: number;
  /** The interpreter's stack, in bytes. More than 256 KiB lets deep recursion reach the host's own stack. */
  readonly stackBytes: number;
  /**
   * For one execution: decoding the values, and all functions. A unit is roughly the cheapest instruction of the
   * interpreter; what each costs is in docs/protocol/contract-bundle.md.
   */
  readonly fuel: number;
  /** For loading the bundle, which is no part of an execution, and for having it describe itself. */
  readonly loadFuel: number;
  /** One function's serialized result, in bytes. */
  readonly outputBytes: number;
  /** All records and inputs of an execution together, in bytes. */
  readonly inputBytes: number;
}

const MIB = 1024 * 1024;

/** The limits of version 2. */
export const abiLimits: ExecutionLimits = Object.freeze({
  memoryBytes: 64 * MIB,
  stackBytes: 256 * 1024,
  fuel: 4_000_000_000,
  loadFuel: 4_000_000_000,
  outputBytes: 16 * MIB,
  inputBytes: 16 * MIB,
});

/** Bundles above this size are neither built nor loaded. */
export const BUNDLE_BYTES_MAX = 2 * MIB;
