import { readFileSync } from "node:fs";
import {
  abiLimits,
  BUNDLE_BYTES_MAX,
  type BundleHeader,
  CONTRACT_ABI,
  type ExecutionLimits,
  parseBundleHeader,
  requireAbi,
} from "@p8e/contract";
import { type ContentHash, hashContent, P8eError, Turns, throwIfCancelled } from "@p8e/core";
import type { GuestAnswer } from "./guest.ts";
import { failureError, type GuestFailure } from "./guest-failure.ts";
import { compileInterpreter, readPrelude } from "./interpreter-build.ts";
import { type SandboxWorker, startSandboxWorker } from "./sandbox-worker.ts";
import type {
  ExecutionRequest,
  NamedBytes,
  WorkerReply,
  WorkerRequest,
  WorkerStart,
  WorkerTrial,
} from "./worker-protocol.ts";

/** How many threads a sandbox has, and what they may take. */
export interface SandboxOptions {
  /** Threads; each runs one contract at a time. Default 1. */
  readonly workers?: number;
  /** Wall clock for one request, its time in the queue not counted; far above what fuel allows. Default 120 s. */
  readonly timeoutMs?: number;
  /** Narrower limits than the ABI's, for tests. Parties with different limits may disagree on an outcome. */
  readonly limits?: Partial<ExecutionLimits>;
}

/** What a run can be told. */
export interface RunOptions {
  /** Ends the run at once, by killing its thread. */
  readonly signal?: AbortSignal | undefined;
}

/** What describing a bundle can be told. */
export interface DescribeOptions extends RunOptions {
  /**
   * Also bundles of earlier versions of the ABI, whose interpreters are gone. They cannot be run, but what they say of
   * themselves can be compared with the hash of their specification.
   */
  readonly older?: boolean | undefined;
}

/** What trying a contract can be told. */
export interface TryOutOptions extends RunOptions {
  /** Less fuel for each call than an execution has; decoding the values has all of an execution's. */
  readonly fuel?: number | undefined;
  /**
   * Using what the global object does not have fails with a `StandIn` that names it, wherever it was read; but for the
   * names here, which are undefined as ever.
   */
  readonly standInsExcept?: readonly string[] | undefined;
}

/** What one function gave, and what it cost. */
export type FunctionOutcome =
  | { readonly kind: "output"; readonly name: string; readonly output: Uint8Array; readonly fuel: number }
  | { readonly kind: "failure"; readonly name: string; readonly failure: GuestFailure; readonly fuel: number };

/** Values, and the functions to run on them. */
export interface RunRequest extends ExecutionRequest {}

/** What the functions gave. */
export interface RunResult {
  /** In the order of the calls; the first failure is the last. */
  readonly outcomes: readonly FunctionOutcome[];
  /** Spent on decoding the values. */
  readonly loadFuel: number;
}

/**
 * Runs contracts that nobody trusts. Bytes go in and bytes come out; the guest has no way to call the host. Each run has
 * an interpreter of its own, in a thread that can be killed. Whatever a contract does, the host goes on.
 */
export interface Sandbox extends AsyncDisposable {
  readonly limits: ExecutionLimits;
  /**
   * What a bundle says of itself, for `buildContract` and `describedContract`.
   *
   * @throws P8eError `contract.*` if it does not load or answer, `session.not_supported` for another version of the ABI,
   *   `contract.timeout`, `rpc.cancelled`
   */
  describe(bundle: Uint8Array, options?: DescribeOptions): Promise<string>;
  /**
   * Runs functions one after another, in one interpreter, up to the first failure.
   *
   * @throws P8eError `contract.*` if the bundle does not load; `input.too_large`, `input.invalid` naming a value;
   *   `contract.timeout`, `rpc.cancelled`, `internal.unexpected`: then nothing is known about the outcome
   */
  run(bundle: Uint8Array, request: RunRequest, options?: RunOptions): Promise<RunResult>;
  /**
   * Runs functions as {@link run} does, for their author: nothing follows from what they give.
   *
   * @throws P8eError as {@link run}
   */
  tryOut(bundle: Uint8Array, request: RunRequest, options?: TryOutOptions): Promise<RunResult>;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/** Headers that are kept of bundles that were looked at. */
const HEADERS_MAX = 100;

/** A sandbox; its threads start when they are first needed. */
export function openSandbox(options: SandboxOptions = {}): Sandbox {
  const { workers = 1, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const limits: ExecutionLimits = { ...abiLimits, ...options.limits };
  const pool = openPool(workers, () => ({
    wasm: compileInterpreter(),
    prelude: readPrelude(),
    limits,
  }));

  const headers = new Map<ContentHash, BundleHeader>();
  /** Whether it is text at all takes longer to see than what hash it has. */
  const checked = (bundle: Uint8Array): { readonly key: ContentHash; readonly header: BundleHeader } => {
    const key = bundle.length > BUNDLE_BYTES_MAX ? undefined : hashContent(bundle);
    const known = key === undefined ? undefined : headers.get(key);
    const header = known ?? parseBundleHeader(bundle);
    if (key === undefined) throw new Error("broken invariant: a bundle above its bound has no header");
    if (known === undefined && headers.size === HEADERS_MAX) headers.clear();
    headers.set(key, header);
    return { key, header };
  };

  const ask = async (
    { key, bundle }: { readonly key: ContentHash; readonly bundle: Uint8Array },
    execution: ExecutionRequest | undefined,
    { signal }: RunOptions,
    trial?: WorkerTrial,
  ) => {
    const request: WorkerRequest = {
      bundleKey: key,
      bundle: alone(bundle),
      execution: execution === undefined ? undefined : copied(execution),
      trial,
    };
    return await pool.use((worker) => worker.ask(request, { timeoutMs, signal }), signal);
  };

  const run = async (
    bundle: Uint8Array,
    request: RunRequest,
    runOptions: RunOptions,
    trial?: WorkerTrial,
  ): Promise<RunResult> => {
    const { key, header } = checked(bundle);
    requireAbi(header);
    const sizeBytes = [...request.records, ...request.inputs].reduce((sum, [, bytes]) => sum + bytes.length, 0);
    if (sizeBytes > limits.inputBytes) {
      throw new P8eError("input.too_large", "records and inputs are together larger than a contract may take", {
        facts: { sizeBytes, sizeBytesMax: limits.inputBytes },
        hint: "Keep large content in documents and pass their hashes.",
      });
    }
    const reply = await ask({ key, bundle }, request, runOptions, trial);
    if (reply.kind !== "executed") return refused(reply);
    answered(reply.load, "load");
    const outcomes = reply.calls.map((answer, index) => functionOutcome(request.calls[index]!, answer));
    return { outcomes, loadFuel: reply.load.fuel };
  };

  return {
    limits,
    async describe(bundle, { older, ...runOptions } = {}) {
      const { key, header } = checked(bundle);
      requireAbi(header, older === true ? 1 : CONTRACT_ABI);
      const reply = await ask({ key, bundle }, undefined, runOptions);
      const answer = reply.kind === "described" ? reply.answer : refused(reply);
      return answered(answer, "describe") as string;
    },
    run: (bundle, request, runOptions = {}) => run(bundle, request, runOptions),
    tryOut: (bundle, request, { fuel, standInsExcept, ...runOptions } = {}) =>
      run(bundle, request, runOptions, {
        fuel: fuel === undefined ? undefined : Math.min(fuel, limits.fuel),
        prelude: standInsExcept && preludeWithStandIns(standInsExcept),
      }),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

function preludeWithStandIns(except: readonly string[]): string {
  const around = readFileSync(new URL("./stand-ins.js", import.meta.url), "utf8");
  const [standIns, prelude] = [around, readPrelude()].map((text) => text.trimEnd().replace(/;$/, ""));
  return `(${standIns})(${JSON.stringify(except)}, ${prelude})`;
}

function copied({ startedAt, records, inputs, calls }: ExecutionRequest): ExecutionRequest {
  const each = (values: readonly NamedBytes[]) => values.map(([name, bytes]): NamedBytes => [name, alone(bytes)]);
  return { startedAt, records: each(records), inputs: each(inputs), calls };
}

/** Sending a view to a thread sends the whole buffer behind it, and what else may lie there. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

function functionOutcome(name: string, answer: GuestAnswer): FunctionOutcome {
  if (answer.kind === "failure") return { kind: "failure", name, failure: answer.failure, fuel: answer.fuel };
  if (typeof answer.value === "string") throw new Error("broken invariant: a call answers with bytes");
  return { kind: "output", name, output: answer.value, fuel: answer.fuel };
}

function answered(answer: GuestAnswer, step: string): string | Uint8Array {
  if (answer.kind === "failure") throw failureError(answer.failure, { step });
  return answer.value;
}

function refused(reply: WorkerReply): never {
  if (reply.kind === "not loaded") throw failureError(reply.failure, { step: "load bundle" });
  throw new Error(`broken invariant: the sandbox answered "${reply.kind}"`);
}

interface Pool {
  use<T>(work: (worker: SandboxWorker) => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

/** Threads are started when they are first needed, and replaced when they became unusable. First come, first served. */
function openPool(size: number, startOf: () => WorkerStart): Pool {
  const idle: SandboxWorker[] = [];
  const all = new Set<SandboxWorker>();
  const turns = new Turns(size);
  const closing = new AbortController();
  let start: WorkerStart | undefined;

  const acquire = (): SandboxWorker => {
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
      if (kept.usable) return kept;
      all.delete(kept);
    }
    start ??= startOf();
    const worker = startSandboxWorker(start);
    all.add(worker);
    return worker;
  };
  const release = (worker: SandboxWorker | undefined): void => {
    if (worker?.usable) idle.push(worker);
    else if (worker !== undefined) all.delete(worker);
  };

  return {
    async use(work, signal) {
      if (closing.signal.aborted) throw new P8eError("internal.unexpected", "the sandbox is closed");
      const ended = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
      using _turn = await turns.take(ended);
      throwIfCancelled(ended);
      let worker: SandboxWorker | undefined;
      try {
        worker = acquire();
        return await work(worker);
      } finally {
        release(worker);
      }
    },
    async close() {
      closing.abort(new P8eError("rpc.cancelled", "the sandbox was closed"));
      await Promise.all([...all].map((worker) => worker.stop()));
      all.clear();
    },
  };
}
