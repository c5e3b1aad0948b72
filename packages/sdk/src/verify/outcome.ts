import { type ErrorCode, type Facts, hasCode, P8eError } from "@p8e/core";

/**
 * What a check came to: it holds; it is broken; the object was not shown to this reader, who may have it all the same;
 * or it cannot be checked, because what would prove it is missing or of a kind that cannot be read here.
 */
export type Outcome = "holds" | "broken" | "not_shown" | "unchecked";

/** One thing that was looked at. */
export interface Finding {
  /** `record "loan"`, `input "loan" of record "loan"`, `contract example.loan.RecordLoan`, `object` … */
  readonly what: string;
  readonly outcome: Outcome;
  /** In words, what holds or why it does not. */
  readonly says: string;
  /** Of the error that decided, unless it holds. */
  readonly code?: ErrorCode;
  readonly facts?: Facts;
}

const worstFirst = ["broken", "not_shown", "unchecked"] as const;

/** The worst found decides: broken, then not shown, then unchecked. */
export function worstOutcome(findings: readonly Finding[]): Outcome {
  return worstFirst.find((outcome) => findings.some((finding) => finding.outcome === outcome)) ?? "holds";
}

/**
 * Looks at one thing.
 * @throws what says nothing about it: a store or node that cannot be asked, a key that is not at hand, cancellation
 */
export async function find(what: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return { what, outcome: "holds", says: await work() };
  } catch (thrown) {
    const error = P8eError.from(thrown);
    const outcome = outcomeOf(error);
    return { what, outcome, says: error.message, code: error.code, facts: error.facts };
  }
}

/** @throws the error itself when it says nothing about what was looked at */
function outcomeOf(error: P8eError): Outcome {
  if (hasCode(error, "object.not_found", "envelope.no_recipient", "rpc.not_found", "rpc.denied")) return "not_shown";
  // The reader's own limits, and machinery that failed over one object, prove nothing against it.
  if (
    hasCode(
      error,
      ...(["verify.unchecked", "object.too_large", "envelope.too_large", "contract.timeout", "store.storage"] as const),
      ...(["store.database", "rpc.protocol", "rpc.failed", "rpc.unimplemented", "rpc.refused"] as const),
      ...(["rpc.exhausted", "process.failed", "internal.unexpected", "input.too_large"] as const),
    )
  ) {
    return "unchecked";
  }
  const unasked = error.status.retry || hasCode(error, "rpc.cancelled", "rpc.tls", "key.unavailable", "key.passphrase");
  if (unasked) throw error;
  return "broken";
}

const verdicts = {
  broken: { code: "verify.failed", says: "does not match what the ledger says" },
  not_shown: { code: "verify.not_shown", says: "is not shown to this reader by its store" },
  unchecked: { code: "verify.unchecked", says: "cannot be checked" },
} as const;

/**
 * Turns what was found into success or the one error that says it.
 * @throws `verify.failed`, `verify.not_shown`, `verify.unchecked`; the fact `findings` names what came to that outcome
 */
export function requireHolds(report: {
  readonly outcome: Outcome;
  readonly findings: readonly Pick<Finding, "what" | "outcome" | "code">[];
}): void {
  const { outcome } = report;
  if (outcome === "holds") return;
  const findings = report.findings.filter((finding) => finding.outcome === outcome);
  const { code, says } = verdicts[outcome];
  const [first, ...more] = findings.map(({ what }) => what);
  const others = more.length === 0 ? "" : ` and ${more.length} more ${more.length === 1 ? "thing" : "things"}`;
  throw new P8eError(code, more.length === 0 ? `${first} ${says}` : `${first}${others}: each ${says}`, {
    facts: { findings: findings.map((each) => `${each.what}: ${each.code}`) },
  });
}
