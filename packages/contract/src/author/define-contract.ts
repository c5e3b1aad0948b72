import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Role } from "@p8e/core";

/** A record that the contract reads; an optional one may be absent from the scope. */
export interface RecordRequirement<S extends DescMessage = DescMessage, Optional extends boolean = boolean> {
  readonly schema: S;
  readonly optional: Optional;
}

type Records = Readonly<Record<string, RecordRequirement>>;
type Inputs = Readonly<Record<string, DescMessage>>;
type Functions = Readonly<Record<string, { readonly inputs: Inputs; readonly writes: string }>>;
type Empty = Record<never, never>;

type Messages<I extends Inputs> = { readonly [K in keyof I]: MessageShape<I[K]> };
type View<R extends Records> = {
  readonly [K in keyof R]: MessageShape<R[K]["schema"]> | (R[K]["optional"] extends true ? undefined : never);
};
type OptionalKey<R extends Records> = {
  [K in keyof R]: R[K]["optional"] extends true ? K : never;
}[keyof R];
type RequiredKey<R extends Records> = Exclude<keyof R, OptionalKey<R>>;
type Join<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void ? All : never;

/** A record without which the contract does not run on a scope; functions see its message. */
export function required<S extends DescMessage>(schema: S): RecordRequirement<S, false> {
  return { schema, optional: false };
}

/** A record that may be absent; functions see its message or undefined, and can be skipped when it is there. */
export function optional<S extends DescMessage>(schema: S): RecordRequirement<S, true> {
  return { schema, optional: true };
}

/**
 * All that a function sees. Records and inputs are decoded once per execution and shared by its functions, so they are
 * to be read, not changed. `startedAt` is the invoker's clock at the start of the session, equal for all parties: the
 * only time there is.
 */
export interface FunctionContext<R extends Records, I extends Inputs> {
  readonly records: View<R>;
  readonly inputs: Messages<I>;
  readonly startedAt: Timestamp;
}

/** One function as its author gave it to `fn`, which says what each part means. Nothing is checked yet. */
export interface FunctionDefinition {
  readonly name: string;
  readonly invokedBy: Role;
  readonly inputs: Inputs;
  readonly writes: string;
  readonly as: DescMessage;
  readonly lineage: readonly string[];
  readonly skipIfExists: string | undefined;
  readonly run: (context: FunctionContext<Records, Inputs>) => unknown;
}

/** A whole contract as its author gave it, functions in the order they were added. Nothing is checked yet. */
export interface ContractDefinition {
  readonly className: string;
  readonly scopes: readonly string[];
  readonly participants: readonly Role[];
  readonly records: Records;
  /** Types that come along though no record or input is of them. */
  readonly types: readonly DescMessage[];
  readonly functions: readonly FunctionDefinition[];
}

/** Keys the definition on a contract value; a registered symbol, so that two copies of this package agree. */
export const definition: unique symbol = Symbol.for("p8e.contract.definition") as never;

/**
 * A contract in the making, and when no `fn` follows, the finished one: an immutable value that a module exports as its
 * default. Its type knows roles, records and functions, so that proposals and results are checked by the compiler.
 */
export interface Contract<P extends Role, R extends Records, F extends Functions> {
  /**
   * Adds a function: it takes inputs (proposed by the invoker), writes one record and returns that record's message, or
   * throws. It is synchronous. Each `fn` gives a new contract; the old one is unchanged.
   *
   * - `invokedBy`: the role the ledger names as responsible. It does not decide who runs the function: all parties do.
   * - `writes`, `as`: name and type of the record.
   * - `lineage`: required records that the ledger should list as what this one was made from.
   * - `skipIfExists`: the function is skipped when that record is in the scope already.
   */
  fn<N extends string, I extends Inputs, W extends string, S extends DescMessage>(
    name: N extends keyof F ? never : N,
    spec: {
      readonly invokedBy: P;
      readonly inputs: I;
      readonly writes: W extends F[keyof F]["writes"] ? never : W;
      readonly as: S;
      readonly lineage?: readonly RequiredKey<R>[];
      readonly skipIfExists?: OptionalKey<R>;
    },
    run: (context: FunctionContext<R, I>) => MessageInitShape<S>,
  ): Contract<P, R, F & { readonly [K in N]: { readonly inputs: I; readonly writes: W } }>;

  readonly [definition]: ContractDefinition;
}

/** A contract, whatever its roles, records and functions are. */
export interface AnyContract {
  readonly [definition]: ContractDefinition;
}

/** The values a session may propose to a contract: one bag, keyed by input name, over all its functions. */
export type Proposals<C> =
  C extends Contract<infer _P, infer _R, infer F>
    ? Partial<Join<{ [K in keyof F]: Messages<F[K]["inputs"]> }[keyof F]>>
    : never;

/**
 * Begins a contract; chain `fn` for its functions. `className` is a dotted name such as `example.loan.RecordLoan`,
 * `scopes` the names of the scope specifications it may run on, `participants` one role per signing party, in order. `types` are those that
 * its values hold in a google.protobuf.Any: they come along, so that whoever has the contract can read and write them.
 *
 * Nothing is checked here but types: `buildContract` reports every fault at once.
 *
 * @example
 * export default defineContract({ className: "example.Greet", scopes: ["example"], participants: ["OWNER"] })
 *   .fn("greet", { invokedBy: "OWNER", inputs: { name: NameSchema }, writes: "greeting", as: GreetingSchema },
 *     ({ inputs }) => ({ text: `Hello, ${inputs.name.value}` }));
 */
export function defineContract<const P extends Role, R extends Records = Empty>(head: {
  readonly className: string;
  readonly scopes: readonly string[];
  readonly participants: readonly P[];
  readonly records?: R;
  readonly types?: readonly DescMessage[];
}): Contract<P, R, Empty> {
  const { className, scopes, participants, records = {}, types = [] } = head;
  return contractOf({ className, scopes, participants, records, types, functions: [] });
}

// The types above hold while the chain grows; here functions are plain data, so one cast joins the two views.
function contractOf<P extends Role, R extends Records, F extends Functions>(
  state: ContractDefinition,
): Contract<P, R, F> {
  const contract = {
    [definition]: state,
    fn(
      name: string,
      spec: Omit<FunctionDefinition, "name" | "run" | "lineage" | "skipIfExists"> &
        Partial<Pick<FunctionDefinition, "lineage" | "skipIfExists">>,
      run: FunctionDefinition["run"],
    ) {
      const { invokedBy, inputs, writes, as, lineage = [], skipIfExists } = spec;
      const added = { name, invokedBy, inputs, writes, as, lineage, skipIfExists, run };
      return contractOf({ ...state, functions: [...state.functions, added] });
    },
  };
  return contract as unknown as Contract<P, R, F>;
}
