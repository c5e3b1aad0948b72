import { clone, create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { ManifestFunction } from "@p8e/contract";
import { type ContentHash, hashContent, isP8eError, type P8eError, type Uuid } from "@p8e/core";
import { isCanonicalMessage } from "@p8e/decoding";
import * as scope from "@p8e/proto/scope";
import { failureError, type GuestFailure } from "../sandbox/guest-failure.ts";
import type { FunctionOutcome, RunOptions, RunResult, Sandbox } from "../sandbox/sandbox.ts";
import { examineValues } from "./examine-values.ts";
import type { LoadedContract } from "./load-contract.ts";
import { planExecution, type SkipReason } from "./plan-execution.ts";

/** Signs the executed contract's bytes; whose key it is, is the caller's concern. */
export type SignContract = (contractBytes: Uint8Array) => Promise<scope.Signature>;

/** A contract, the code it names, and the values it names. */
export interface Execution {
  /** As its invoker packaged it. It is not changed. */
  readonly contract: scope.Contract;
  readonly loaded: LoadedContract;
  /** The bytes of every record and proposal that the contract names, by their hash. */
  readonly objects: ReadonlyMap<ContentHash, Uint8Array>;
  /** The scope and what it has before; absent for a new scope. Outputs name what they replace. */
  readonly scope?: { readonly uuid: Uuid; readonly records: ReadonlyMap<string, ContentHash> };
  readonly sign: SignContract;
}

interface ResultHead {
  readonly function: string;
  /** The record the function writes, and its class. */
  readonly record: string;
  readonly className: string;
}

/** A function gave an output, which becomes a record. */
export interface PassedResult extends ResultHead {
  readonly outcome: "PASS";
  readonly hash: ContentHash;
  readonly bytes: Uint8Array;
  /** As it is signed: the first function that ran bears the decoding of the values. */
  readonly fuel: number;
}

/** A function was not run, and its record stays as it is. */
export interface SkippedResult extends ResultHead {
  readonly outcome: "SKIP";
  readonly reason: SkipReason;
}

interface SignedContract {
  /** With its results. */
  readonly contract: scope.Contract;
  /** What is signed, stored and compared between parties. */
  readonly contractBytes: Uint8Array;
  readonly signature: scope.Signature;
}

/** Every function passed or was skipped. */
export interface ExecutedContract extends SignedContract {
  readonly kind: "executed";
  /** In the order of the contract's considerations, without those that had a result before. */
  readonly results: readonly (PassedResult | SkippedResult)[];
}

/** A function refused or broke a limit. There are no results, and nothing to store or broadcast. */
export interface FailedContract extends SignedContract {
  readonly kind: "failed";
  readonly function: string;
  readonly failure: GuestFailure;
  /** The failure to throw: `contract.*`, with the facts `function`, and `rule` and `field` if a rule was broken. */
  readonly error: P8eError;
}

/** How an execution ended; either way it is signed. */
export type ExecutionOutcome = ExecutedContract | FailedContract;

/**
 * Runs a contract on its values. All parties that do so, with the same contract and bundle, get the same bytes.
 *
 * @throws P8eError as {@link planExecution} for what is wrong with the contract, as {@link examineValues} for its values, as {@link Sandbox.run} for
 *   what went wrong around it. A contract's own failure is an outcome, not an error.
 */
export async function executeContract(
  sandbox: Sandbox,
  execution: Execution,
  options: RunOptions = {},
): Promise<ExecutionOutcome> {
  const { contract, loaded, objects, sign } = execution;
  const plan = planExecution(contract, loaded, objects);
  await examineValues(plan.request, loaded, options.signal);
  const ran = plan.request.calls.length === 0 ? [] : charged(await sandbox.run(loaded.bundle, plan.request, options));
  const outcomes = new Map<string, FunctionOutcome>();
  for (const outcome of ran) outcomes.set(outcome.name, await checkedOutput(outcome, loaded, options.signal));

  const failed = [...outcomes.values()].find((outcome) => outcome.kind === "failure");
  if (failed !== undefined) {
    const { name, failure, fuel } = failed;
    const definition = loaded.manifest.functions.find((candidate) => candidate.name === name)!;
    const signed = await signedWith(contract, new Map([[name, failResult(definition, failure, fuel)]]), sign);
    return { kind: "failed", ...signed, function: name, failure, error: failureError(failure, { function: name }) };
  }

  const results: (PassedResult | SkippedResult)[] = [];
  for (const planned of plan.functions) {
    const { definition } = planned;
    const head = { function: definition.name, record: definition.writes.name, className: definition.writes.className };
    if (planned.kind === "skip") results.push({ ...head, outcome: "SKIP", reason: planned.reason });
    if (planned.kind !== "run") continue;
    const outcome = outcomes.get(definition.name);
    if (outcome?.kind !== "output") throw new Error("broken invariant: a function that ran has an output");
    const { output, fuel } = outcome;
    results.push({ ...head, outcome: "PASS", hash: hashContent(output), bytes: output, fuel });
  }
  const protos = new Map(results.map((result) => [result.function, resultProto(result, execution.scope)]));
  return { kind: "executed", ...(await signedWith(contract, protos, sign)), results };
}

/** What the execution was charged, function by function; the first bears the decoding of the values. */
function charged({ outcomes: [first, ...later], loadFuel }: RunResult): readonly FunctionOutcome[] {
  return first === undefined ? [] : [{ ...first, fuel: first.fuel + loadFuel }, ...later];
}

/** The bundle is not trusted to have serialized what its specification promises. */
async function checkedOutput(
  outcome: FunctionOutcome,
  { manifest, types }: LoadedContract,
  signal: AbortSignal | undefined,
): Promise<FunctionOutcome> {
  if (outcome.kind === "failure") return outcome;
  const { name, output, fuel } = outcome;
  const { writes } = manifest.functions.find((candidate) => candidate.name === name)!;
  const malformed = (message: string): FunctionOutcome => {
    const failure: GuestFailure = { code: "contract.failed", name: "MalformedOutput", message, facts: {} };
    return { kind: "failure", name, failure, fuel };
  };
  const what = `the function's output, a ${writes.className},`;
  const schema = types.message(writes.typeName);
  try {
    // Decoders differ in what else they let pass; in the one form that ours writes, all of them read the same.
    return (await isCanonicalMessage(schema, output, { what }, { types: () => types.bytes, signal }))
      ? outcome
      : malformed(`the function's output is a ${writes.className} in another form than the canonical one`);
  } catch (error) {
    // What it costs is counted in the bytes, so that all parties come to the same outcome.
    if (isP8eError(error) && error.code === "input.too_large") {
      const failure: GuestFailure = {
        code: "contract.output_too_large",
        name: "OutputTooLarge",
        message: error.message,
        facts: error.facts,
      };
      return { kind: "failure", name, failure, fuel };
    }
    if (isP8eError(error) && error.facts.readersDiffer === true) {
      const { field, reason } = error.facts;
      return malformed(
        `the function's output is a ${writes.className} that readers read differently: ${field} ${reason}`,
      );
    }
    if (isP8eError(error) && error.code === "input.invalid") {
      return malformed(`the function's output is not a ${writes.className}`);
    }
    throw error;
  }
}

type ResultInit = MessageInitShape<typeof scope.ExecutionResultSchema>;

function resultProto(result: PassedResult | SkippedResult, existing: Execution["scope"]): ResultInit {
  const { record: name, className: classname } = result;
  if (result.outcome === "SKIP") return { output: { name, classname }, result: scope.ExecutionResult_Result.SKIP };
  const prior = existing?.records.get(name);
  const ancestor =
    existing === undefined || prior === undefined
      ? {}
      : { ancestor: { scopeUuid: { value: existing.uuid }, hash: prior, name } };
  return {
    output: { name, classname, hash: result.hash, ...ancestor },
    result: scope.ExecutionResult_Result.PASS,
    fuel: BigInt(result.fuel),
  };
}

/** Class and message only: where in the code it was is for the contract's author, and differs between interpreters. */
function failResult(definition: ManifestFunction, failure: GuestFailure, fuel: number): ResultInit {
  const { rule, field } = failure.facts;
  const place = rule === undefined ? "" : ` ${String(rule)} at ${String(field)}`;
  const { name, className: classname } = definition.writes;
  return {
    output: { name, classname },
    result: scope.ExecutionResult_Result.FAIL,
    errorMessage: `${failure.name}${place}: ${failure.message}`,
    fuel: BigInt(fuel),
  };
}

async function signedWith(
  contract: scope.Contract,
  results: ReadonlyMap<string, ResultInit>,
  sign: SignContract,
): Promise<SignedContract> {
  const executed = clone(scope.ContractSchema, contract);
  for (const consideration of executed.considerations) {
    const result = results.get(consideration.considerationName);
    if (result !== undefined) consideration.result = create(scope.ExecutionResultSchema, result);
  }
  const contractBytes = toBinary(scope.ContractSchema, executed);
  return { contract: executed, contractBytes, signature: await sign(contractBytes) };
}
