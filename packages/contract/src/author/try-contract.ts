import { create, type Message, type MessageShape } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { P8eError, type Role } from "@p8e/core";
import { decodeMessage, valueBudget } from "@p8e/decoding";
import { type LoadedValues, runFunction } from "../guest/serve-contract.ts";
import {
  type AnyContract,
  type Contract,
  definition,
  type FunctionDefinition,
  type Proposals,
  type RecordRequirement,
} from "./define-contract.ts";

/** The records that a scope may have before a contract runs on it, by name: those that the contract reads. */
export type ScopeRecords<C> =
  C extends Contract<infer _P extends Role, infer R, infer _F>
    ? Partial<{ [K in keyof R]: R[K] extends RecordRequirement<infer S> ? MessageShape<S> : never }>
    : never;

/** What a contract is tried on. */
export interface Trial<C> {
  readonly inputs: Proposals<C>;
  readonly records?: ScopeRecords<C>;
  /** The beginning of 2025 unless given. */
  readonly startedAt?: Timestamp | undefined;
}

/**
 * Runs a contract's functions in this process, without a sandbox: for an author's own tests, which it makes short. It
 * decides as an execution does which functions run, and gives the records that they write, by name. What only the
 * sandbox has (limits, fuel, no way outside) is not tried.
 *
 * @throws what the contract throws, a `RuleViolation` when it refuses; P8eError `session.record_missing` for a required
 *   record
 */
export function tryContract<C extends AnyContract>(contract: C, trial: Trial<C>): ReadonlyMap<string, Message> {
  const { running, ...values } = plannedTrial(contract, trial);
  const written = new Map<string, Message>();
  for (const each of running) {
    const bytes = runFunction(each, values);
    written.set(
      each.writes,
      decodeMessage(each.as, bytes, { what: `the record "${each.writes}"` }, { budget: valueBudget }),
    );
  }
  return written;
}

/** The values of a trial, and the functions that run on them, as an execution decides it. */
export interface PlannedTrial extends LoadedValues {
  readonly running: readonly FunctionDefinition[];
}

/**
 * Decides which functions a trial runs.
 * @throws P8eError `session.record_missing`
 */
export function plannedTrial<C extends AnyContract>(contract: C, trial: Trial<C>): PlannedTrial {
  const { className, records: requirements, functions } = contract[definition];
  const inputs = present(trial.inputs);
  const records = present(trial.records ?? {});
  for (const [record, { optional }] of Object.entries(requirements)) {
    if (optional || Object.hasOwn(records, record)) continue;
    throw new P8eError("session.record_missing", `the contract needs the record "${record}"`, {
      facts: { contract: className, record },
    });
  }
  const running = functions.filter(
    (each) =>
      Object.keys(each.inputs).every((name) => Object.hasOwn(inputs, name)) &&
      (each.skipIfExists === undefined || !Object.hasOwn(records, each.skipIfExists)),
  );
  return { records, inputs, startedAt: trial.startedAt ?? defaultStart, running };
}

/** 2025-01-01, for contracts that do not look at the time. */
const defaultStart = create(TimestampSchema, { seconds: 1_735_689_600n });

/** Without a prototype, as contracts see it in the sandbox. */
function present(messages: Readonly<Record<string, Message | undefined>>): Readonly<Record<string, Message>> {
  const entries = Object.entries(messages).filter((entry): entry is [string, Message] => entry[1] !== undefined);
  return Object.setPrototypeOf(Object.fromEntries(entries), null);
}
