import { fileURLToPath } from "node:url";
import { type Message, toBinary } from "@bufbuild/protobuf";
import type { ErrorCode, Facts } from "@p8e/core";
import { P8eError } from "@p8e/core";
import { decodeMessage, valueBudget } from "@p8e/decoding";
import { type AnyContract, definition } from "../author/define-contract.ts";
import { RuleViolation } from "../author/rule-violation.ts";
import { plannedTrial, type Trial } from "../author/try-contract.ts";
import { type BuiltContract, buildContract, type DescribeBundle } from "../bundle/build-contract.ts";
import { sourcePlaces } from "../bundle/source-places.ts";

type NamedBytes = readonly [name: string, bytes: Uint8Array];

/** What is needed of a sandbox: `openSandbox()` of `@p8e/engine` has it. */
export interface TestSandbox {
  readonly describe: DescribeBundle;
  run(
    bundle: Uint8Array,
    request: {
      readonly startedAt: { readonly seconds: bigint; readonly nanos: number };
      readonly records: readonly NamedBytes[];
      readonly inputs: readonly NamedBytes[];
      readonly calls: readonly string[];
    },
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly outcomes: readonly TestOutcome[] }>;
}

type TestOutcome =
  | { readonly kind: "output"; readonly name: string; readonly output: Uint8Array }
  | {
      readonly kind: "failure";
      readonly name: string;
      readonly failure: {
        readonly code: ErrorCode;
        readonly name: string;
        readonly message: string;
        readonly facts: Facts;
        readonly stack?: string;
      };
    };

/** A contract that was built, to be run in a sandbox any number of times. */
export interface SandboxedContract<C> {
  /** Its bundle and what that says of itself. */
  readonly built: BuiltContract;
  /**
   * The records that its functions write, by name, as parties would get them.
   *
   * @throws RuleViolation when it refuses; P8eError `contract.…` with the facts `function`, `file` and `line` when it fails
   *   otherwise; `session.record_missing` for a required record; `rpc.cancelled`
   */
  run(trial: Trial<C>, options?: { readonly signal?: AbortSignal }): Promise<ReadonlyMap<string, Message>>;
}

/**
 * Builds a contract and runs it in a sandbox, with its limits and without a way outside, as `tryContract` runs it without.
 *
 * @param entry the file that exports `contract` as default
 * @throws what {@link buildContract} throws
 *
 * @example
 * await using sandbox = openSandbox();
 * const sandboxed = await sandboxedContract(sandbox, new URL("../src/contract.ts", import.meta.url), greet);
 * const records = await sandboxed.run({ inputs: { person: create(PersonSchema, { name: "Ada" }) } });
 */
export async function sandboxedContract<C extends AnyContract>(
  sandbox: TestSandbox,
  entry: string | URL,
  contract: C,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<SandboxedContract<C>> {
  const file = typeof entry === "string" && !entry.startsWith("file:") ? entry : fileURLToPath(entry);
  const built = await buildContract({ entry: file, describe: sandbox.describe, names: { allow: [] }, signal });
  const { className, records: requirements, functions } = contract[definition];
  if (built.manifest.className !== className) {
    throw new P8eError("contract.invalid", `the file exports ${built.manifest.className}, not ${className}`, {
      facts: { expected: className, actual: built.manifest.className },
    });
  }
  const schemas = new Map(functions.flatMap(({ inputs }) => Object.entries(inputs)));
  return {
    built,
    async run(trial, options = {}) {
      const { records, inputs, startedAt, running } = plannedTrial(contract, trial);
      const request = {
        startedAt,
        records: Object.entries(records).map(
          ([name, value]): NamedBytes => [name, toBinary(requirements[name]!.schema, value)],
        ),
        inputs: Object.entries(inputs).map(([name, value]): NamedBytes => [name, toBinary(schemas.get(name)!, value)]),
        // By name, as an execution runs them.
        calls: running.map(({ name }) => name).sort(),
      };
      const { outcomes } = await sandbox.run(built.bundle, request, { signal: options.signal });
      const written = new Map<string, Message>();
      for (const outcome of outcomes) {
        if (outcome.kind === "failure") throw thrownBy(outcome, built);
        const { writes, as } = functions.find(({ name }) => name === outcome.name)!;
        const what = `the record "${writes}"`;
        written.set(writes, decodeMessage(as, outcome.output, { what }, { budget: valueBudget }));
      }
      return written;
    },
  };
}

function thrownBy({ name, failure }: TestOutcome & { readonly kind: "failure" }, { map }: BuiltContract): Error {
  const { code, message, facts, stack } = failure;
  const { rule, field } = facts;
  if (typeof rule === "string" && typeof field === "string") return new RuleViolation({ rule, field, message });
  return new P8eError(code, message === "" ? failure.name : message, {
    facts: { ...facts, function: name, ...sourcePlaces(map).placeIn(stack) },
  });
}
