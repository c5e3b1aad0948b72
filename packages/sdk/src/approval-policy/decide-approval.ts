import type { AccountAddress, ContentHash, ScopeSpecificationAddress } from "@p8e/core";
import type { ApprovalPolicy, ApprovalRule } from "./approval-policy.ts";

/** What a policy looks at: found by this party's own execution and the ledger, nothing of it taken on trust. */
export interface ApprovalFacts {
  /** Of the contract's specification. */
  readonly contract: ContentHash;
  readonly invoker: AccountAddress;
  readonly scopeSpecification: ScopeSpecificationAddress;
  readonly newScope: boolean;
  /** Who would become a reader of the scope. */
  readonly newReaders: readonly string[];
  /** Messages that the invoker could write with this party's leave, of the types that a session needs. */
  readonly messages: number;
  /** Whether leave is asked for any message that no session needs. */
  readonly otherLeave: boolean;
  readonly deadlineMs: number;
  /** In nhash. */
  readonly fee: bigint;
  readonly nowMs: number;
  /** Automatic approvals within the last 24 hours, by rule. */
  readonly approvedToday: ReadonlyMap<string, number>;
}

/** What a policy says to a request. */
export type ApprovalDecision =
  | { readonly kind: "approve"; readonly rule: string }
  /** A person decides. `why` says of each rule for this contract what does not fit; without any there is none for it. */
  | { readonly kind: "ask"; readonly why: readonly { readonly rule: string; readonly misses: readonly string[] }[] };

/** Under which words an approval by a rule is remembered. */
export function policyCause(rule: string): string {
  return `approved by the rule ${rule}`;
}

/** The first rule that fits altogether approves; otherwise a person is asked. */
export function decideApproval(policy: ApprovalPolicy, facts: ApprovalFacts): ApprovalDecision {
  const why: { rule: string; misses: readonly string[] }[] = [];
  for (const rule of policy.rules) {
    const misses = missesOf(rule, facts);
    if (misses.length === 0) return { kind: "approve", rule: rule.name };
    if (rule.contract === facts.contract) why.push({ rule: rule.name, misses });
  }
  return { kind: "ask", why };
}

/** Each comparison is written so that a value that is none (NaN, an unknown text) does not fit. */
function missesOf(rule: ApprovalRule, facts: ApprovalFacts): readonly string[] {
  const { limits, readers = [], newScopes = false } = rule;
  const hours = (facts.deadlineMs - facts.nowMs) / 3_600_000;
  const today = facts.approvedToday.get(rule.name) ?? 0;
  const fits: readonly (readonly [what: string, holds: boolean])[] = [
    ["contract", rule.contract === facts.contract],
    ["invoker", rule.invokers.includes(facts.invoker)],
    ["scopeSpecification", rule.scopeSpecification === facts.scopeSpecification],
    ["newScopes", facts.newScope === false || newScopes],
    ["readers", facts.newReaders.every((reader) => readers.includes(reader))],
    ["limits.messages", facts.messages >= 0 && facts.messages <= limits.messages],
    ["other messages", facts.otherLeave === false],
    ["limits.hours", hours > 0 && hours <= limits.hours],
    ["limits.fee", facts.fee >= 0n && facts.fee <= limits.fee],
    ["limits.perDay", today >= 0 && today < limits.perDay],
  ];
  return fits.filter(([, holds]) => !holds).map(([what]) => what);
}
