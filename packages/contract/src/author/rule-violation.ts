/** Which rule of a contract does not hold, and where. */
export interface RuleViolationDetails {
  /** A stable name, such as `positive-principal`; programs match on it. */
  readonly rule: string;
  /** The path of the offending field, beginning with the name of an input or a record: `asset.loan.terms.principalAmount`. */
  readonly field: string;
  /** A sentence for people. It is signed and shared with all parties, so it should name the fault, not the data. */
  readonly message: string;
}

/**
 * How a contract refuses: thrown from a function, it ends the execution with the outcome FAIL. The host reports it as
 * `contract.failed` with the facts `rule`, `field` and `function`.
 */
export class RuleViolation extends Error {
  readonly rule: string;
  readonly field: string;

  constructor(details: RuleViolationDetails) {
    super(details.message);
    Object.defineProperty(this, "name", { value: "RuleViolation", configurable: true });
    this.rule = details.rule;
    this.field = details.field;
  }
}

/** Throws a {@link RuleViolation}. */
export function refuse(details: RuleViolationDetails): never {
  throw new RuleViolation(details);
}
