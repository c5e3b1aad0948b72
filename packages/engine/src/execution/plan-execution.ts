import { toBinary } from "@bufbuild/protobuf";
import type { ManifestFunction } from "@p8e/contract";
import {
  type ContentHash,
  contentMatches,
  equalBytes,
  type Facts,
  P8eError,
  parseContentHash,
  type Role,
  roleFromNumber,
} from "@p8e/core";
import * as scope from "@p8e/proto/scope";
import type { RunRequest } from "../sandbox/sandbox.ts";
import type { LoadedContract } from "./load-contract.ts";

/** One consideration, in the contract's order, and what is to become of it. */
export type PlannedFunction =
  | { readonly kind: "run"; readonly definition: ManifestFunction }
  | { readonly kind: "skip"; readonly definition: ManifestFunction; readonly reason: SkipReason }
  /** It has a result already. */
  | { readonly kind: "keep"; readonly definition: ManifestFunction };

/** Why a function is not run: inputs that nobody proposed, or the record that it skips for. */
export type SkipReason =
  | { readonly kind: "input absent"; readonly names: readonly string[] }
  | { readonly kind: "record exists"; readonly name: string };

/** What becomes of each consideration, and the one request to the sandbox that follows. */
export interface ExecutionPlan {
  readonly functions: readonly PlannedFunction[];
  readonly request: RunRequest;
}

/**
 * Decides which functions run on which bytes. Whoever sent the contract: everything it says is checked against the
 * bundle and against the hashes of the bytes; what the bytes say is for `examineValues`.
 *
 * @param objects the bytes of every record and proposal that the contract names, by their hash
 * @throws P8eError `session.invalid`, `session.record_missing`, `session.type_mismatch` naming both classes,
 *   `object.not_found`, `object.hash_mismatch`
 */
export function planExecution(
  contract: scope.Contract,
  loaded: LoadedContract,
  objects: ReadonlyMap<ContentHash, Uint8Array>,
): ExecutionPlan {
  checkIdentity(contract, loaded);
  checkRecitals(contract, loaded.manifest.participants);
  const startedAt = contract.startTime;
  if (startedAt === undefined) throw invalid("the contract has no start time");

  const bytesOf = (hash: ContentHash, facts: { readonly record: string } | { readonly input: string }) => {
    const bytes = objects.get(hash);
    if (bytes === undefined)
      throw new P8eError("object.not_found", "a value of the contract is missing", { facts: { hash, ...facts } });
    if (contentMatches(bytes, hash)) return bytes;
    throw new P8eError("object.hash_mismatch", "a value's bytes do not have the hash that names them", {
      facts: { hash, ...facts },
    });
  };
  const records = existingRecords(contract, loaded);
  const proposals = new Map<string, ContentHash>();
  const functions = loaded.manifest.functions.map((definition, index): PlannedFunction => {
    const consideration = contract.considerations[index]!;
    const given = proposedInputs(consideration, definition, proposals);
    if (
      (consideration.result?.result ?? scope.ExecutionResult_Result.UNKNOWN) !== scope.ExecutionResult_Result.UNKNOWN
    ) {
      return { kind: "keep", definition };
    }
    const { skipIfExists } = definition;
    if (skipIfExists !== undefined && records.has(skipIfExists)) {
      return { kind: "skip", definition, reason: { kind: "record exists", name: skipIfExists } };
    }
    const names = definition.inputs.map((input) => input.name).filter((name) => !given.has(name));
    if (names.length > 0) return { kind: "skip", definition, reason: { kind: "input absent", names } };
    return { kind: "run", definition };
  });
  const running = functions.filter((one) => one.kind === "run").map((one) => one.definition);
  const needed = new Set(running.flatMap((definition) => definition.inputs.map((input) => input.name)));
  return {
    functions,
    request: {
      startedAt: { seconds: startedAt.seconds, nanos: startedAt.nanos },
      records: [...records].map(([name, hash]) => [name, bytesOf(hash, { record: name })]),
      inputs: [...proposals]
        .filter(([name]) => needed.has(name))
        .map(([name, hash]) => [name, bytesOf(hash, { input: name })]),
      calls: running.map((definition) => definition.name),
    },
  };
}

function checkIdentity(contract: scope.Contract, { specification, manifest }: LoadedContract): void {
  const named = contract.spec?.dataLocation?.ref?.hash;
  if (named !== specification.hash) {
    throw invalid("the contract names another specification than the bundle's", {
      expected: specification.hash,
      actual: named,
    });
  }
  const { definition } = contract;
  if (definition === undefined || !sameDefinition(definition, specification.message.definition!)) {
    throw invalid("the contract's definition is not the specification's");
  }
  const names = contract.considerations.map((one) => one.considerationName);
  const expected = manifest.functions.map((one) => one.name);
  if (names.length !== expected.length || names.some((name, index) => name !== expected[index])) {
    throw invalid("the contract's considerations are not the specification's functions", { expected, actual: names });
  }
}

function sameDefinition(one: scope.DefinitionSpec, other: scope.DefinitionSpec): boolean {
  return equalBytes(toBinary(scope.DefinitionSpecSchema, one), toBinary(scope.DefinitionSpecSchema, other));
}

/** One recital for each role, with its keys. */
function checkRecitals(contract: scope.Contract, participants: readonly Role[]): void {
  const present = contract.recitals.map((recital) => roleFromNumber(recital.signerRole) ?? String(recital.signerRole));
  if (present.toSorted().join() !== participants.toSorted().join()) {
    throw invalid("the contract's parties do not have the roles of its specification", {
      expected: participants,
      actual: present,
    });
  }
  for (const [index, { signer }] of contract.recitals.entries()) {
    if (signer?.signingPublicKey === undefined || signer.encryptionPublicKey === undefined) {
      throw invalid("a party of the contract has no signing or no encryption key", { role: present[index] });
    }
  }
}

/** The records that are there, by name; every required one is among them. */
function existingRecords(contract: scope.Contract, { manifest }: LoadedContract): ReadonlyMap<string, ContentHash> {
  const found = new Map<string, ContentHash>();
  for (const { name, dataLocation } of contract.inputs) {
    const record = manifest.records.find((candidate) => candidate.name === name);
    if (record === undefined)
      throw invalid("the contract reads a record that its specification does not know", { record: name });
    if (found.has(name)) throw invalid("the contract reads a record twice", { record: name });
    const hash = dataLocation?.ref?.hash ?? "";
    if (hash === "") continue;
    if (dataLocation?.classname !== record.className) {
      throw typeMismatch("a record of the scope", record.className, dataLocation?.classname ?? "", { record: name });
    }
    found.set(name, parseContentHash(hash));
  }
  for (const { name, optional } of manifest.records) {
    if (optional || found.has(name)) continue;
    throw new P8eError("session.record_missing", `the scope has no record ${name}, which the contract needs`, {
      facts: { record: name },
    });
  }
  return found;
}

/** Adds a function's proposals to those of all; the names it was given. */
function proposedInputs(
  { inputs }: scope.ConsiderationProto,
  definition: ManifestFunction,
  proposals: Map<string, ContentHash>,
): ReadonlySet<string> {
  const given = new Set<string>();
  for (const { name, hash, classname } of inputs) {
    const facts = { function: definition.name, input: name };
    const input = definition.inputs.find((candidate) => candidate.name === name);
    if (input === undefined) throw invalid("a function is given an input that it does not take", facts);
    if (given.has(name)) throw invalid("a function is given an input twice", facts);
    if (classname !== input.className) throw typeMismatch("an input", input.className, classname, facts);
    const parsed = parseContentHash(hash);
    const other = proposals.get(name);
    if (other !== undefined && other !== parsed) throw invalid("one input has two values", facts);
    proposals.set(name, parsed);
    given.add(name);
  }
  return given;
}

function typeMismatch(what: string, expected: string, actual: string, facts: Facts): P8eError {
  return new P8eError("session.type_mismatch", `${what} is a ${actual}, where the contract needs a ${expected}`, {
    facts: { expected, actual, ...facts },
  });
}

function invalid(message: string, facts: Facts = {}): P8eError {
  return new P8eError("session.invalid", message, { facts });
}
