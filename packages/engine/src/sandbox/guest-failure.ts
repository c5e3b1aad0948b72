import { type ErrorCode, type Facts, P8eError, parseJson, shape, type ValueOf } from "@p8e/core";

/** The prelude cuts what it tells; this is far above. */
const REPORT_BYTES_MAX = 1024 * 1024;

/** Why a contract gave no result. Equal for all parties that run the same bundle on the same values, but for `stack`. */
export interface GuestFailure {
  readonly code: ErrorCode;
  /** The class of what was thrown, or the name of the limit. */
  readonly name: string;
  readonly message: string;
  readonly facts: Facts;
  /** Where in the bundle, for the contract's author; never signed or shared. */
  readonly stack?: string;
}

const text = shape.optional(shape.text({ lengthMax: REPORT_BYTES_MAX }));

/** What the prelude says about a thrown value; the words in it are the guest's. */
const thrownShape = shape.openObject({
  name: text,
  message: text,
  rule: text,
  field: text,
  kind: text,
  value: text,
  denied: text,
  stack: text,
});

type ThrownValue = ValueOf<typeof thrownShape>;

/** @param report JSON made by the prelude, whose words are the guest's but whose form is not */
export function parseGuestFailure(report: string): GuestFailure {
  const thrown = parseJson(thrownShape, report, { what: "the thrown value", bytesMax: REPORT_BYTES_MAX });
  const failure = classified(thrown);
  return thrown.stack === undefined ? failure : { ...failure, stack: thrown.stack };
}

function classified(thrown: ThrownValue): GuestFailure {
  const { name = "", message = "", rule, field, kind, value } = thrown;
  if (thrown.denied !== undefined) {
    return { code: "contract.no_authority", name: "NoAuthority", message, facts: { name: thrown.denied } };
  }
  if (name === "RuleViolation" && rule !== undefined && field !== undefined) {
    return { code: "contract.failed", name, message, facts: { rule, field } };
  }
  if (name === "MalformedValue" && (kind === "record" || kind === "input") && value !== undefined) {
    return { code: "input.invalid", name, message, facts: { kind, value } };
  }
  return { code: "contract.failed", name: name === "" ? "thrown value" : name, message, facts: {} };
}

/** The guest wanted more memory than the ABI allows. */
export const outOfMemory: GuestFailure = {
  code: "contract.out_of_memory",
  name: "memory limit",
  message: "the contract ran out of memory",
  facts: {},
};

/** The guest called itself too deeply. */
export const stackOverflow: GuestFailure = {
  code: "contract.stack_overflow",
  name: "stack limit",
  message: "the contract called itself too deeply",
  facts: {},
};

/** The guest described itself in a text that no bytes stand for. Thrown texts come as JSON, where there is an escape. */
export const halfPair: GuestFailure = {
  code: "contract.failed",
  name: "TypeError",
  message: "a text with half a surrogate pair has no UTF-8 form",
  facts: {},
};

/** @param fuel what there was: for the execution, or for loading the bundle */
export function outOfFuel(fuel: number): GuestFailure {
  return {
    code: "contract.out_of_fuel",
    name: "fuel limit",
    message: "the contract did more work than its fuel lasts for",
    facts: { fuel },
  };
}

/** A function gave more bytes than the ABI allows. */
export function outputTooLarge(outputBytes: number): GuestFailure {
  return {
    code: "contract.output_too_large",
    name: "output limit",
    message: "the contract gave a larger result than allowed",
    facts: { sizeBytesMax: outputBytes },
  };
}

/** @param where which function, or what else the contract was doing */
export function failureError(failure: GuestFailure, where: Facts = {}): P8eError {
  const { code, name, message, facts, stack } = failure;
  return new P8eError(code, message === "" ? name : message, {
    facts: { ...facts, ...where, error: name, message },
    cause: stack === undefined ? undefined : new GuestTrace(stack),
  });
}

/** Carries the guest's stack as the cause of an error; causes stay in local logs. */
class GuestTrace extends Error {
  constructor(stack: string) {
    super("inside the sandbox");
    this.name = "GuestTrace";
    this.stack = `GuestTrace: inside the sandbox\n${stack}`;
  }
}
