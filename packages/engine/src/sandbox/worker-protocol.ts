import type { ExecutionLimits } from "@p8e/contract";
import type { GuestAnswer } from "./guest.ts";
import type { GuestFailure } from "./guest-failure.ts";
import type { WasmModule } from "./web-assembly.ts";

/** What a sandbox worker is started with. */
export interface WorkerStart {
  readonly wasm: WasmModule;
  readonly prelude: string;
  readonly limits: ExecutionLimits;
}

/** One value of an execution: records and inputs are kept apart by the request. */
export type NamedBytes = readonly [name: string, bytes: Uint8Array];

/** The values of an execution, and the functions to call, in order. */
export interface ExecutionRequest {
  readonly startedAt: { readonly seconds: bigint; readonly nanos: number };
  readonly records: readonly NamedBytes[];
  readonly inputs: readonly NamedBytes[];
  /** Functions in the order they run. */
  readonly calls: readonly string[];
}

/** One request to a thread: a bundle, to describe itself or to run. */
export interface WorkerRequest {
  /** Names the bundle in the worker's cache: the hash of its bytes. */
  readonly bundleKey: string;
  readonly bundle: Uint8Array;
  /** Without it the bundle is only asked to describe itself. */
  readonly execution?: ExecutionRequest | undefined;
  readonly trial?: WorkerTrial | undefined;
}

/** What is otherwise when a contract is only tried. */
export interface WorkerTrial {
  /** For each call, less than the limits give. */
  readonly fuel?: number | undefined;
  /** In the place of the one that contracts run behind. */
  readonly prelude?: string | undefined;
}

/** A bundle that does not load has no answers. `calls` ends with the first failure. */
export type WorkerReply =
  | { readonly kind: "not loaded"; readonly failure: GuestFailure }
  | { readonly kind: "described"; readonly answer: GuestAnswer }
  | { readonly kind: "executed"; readonly load: GuestAnswer; readonly calls: readonly GuestAnswer[] }
  | { readonly kind: "broken"; readonly reason: string };
