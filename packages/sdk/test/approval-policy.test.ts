import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AccountAddress, ContentHash, ScopeSpecificationAddress } from "@p8e/core";
import { type ApprovalFacts, decideApproval, parseApprovalPolicy } from "@p8e/sdk";

const contract = Buffer.alloc(32, 7).toString("base64") as ContentHash;
const other = Buffer.alloc(32, 8).toString("base64") as ContentHash;
const rule = {
  name: "greetings",
  contract,
  invokers: ["tp1lender"],
  scopeSpecification: "scopespec1qabc",
  limits: { messages: 3, hours: 24, perDay: 10, fee: "1000" },
};
const read = (...rules: readonly unknown[]) => parseApprovalPolicy(JSON.stringify({ format: 1, rules }));
const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;

const facts: ApprovalFacts = {
  contract,
  invoker: "tp1lender" as AccountAddress,
  scopeSpecification: "scopespec1qabc" as ScopeSpecificationAddress,
  newScope: false,
  newReaders: [],
  messages: 3,
  otherLeave: false,
  deadlineMs: NOW + 24 * HOUR,
  fee: 1000n,
  nowMs: NOW,
  approvedToday: new Map([["greetings", 9]]),
};

/** Each makes the facts such that one thing does not fit any more. */
const departures: readonly (readonly [what: string, change: Partial<ApprovalFacts>])[] = [
  ["contract", { contract: other }],
  ["invoker", { invoker: "tp1bank" as AccountAddress }],
  ["invoker", { invoker: "tp1lender " as AccountAddress }],
  ["scopeSpecification", { scopeSpecification: "scopespec1qabd" as ScopeSpecificationAddress }],
  ["newScopes", { newScope: true }],
  ["newScopes", { newScope: undefined as never }],
  ["readers", { newReaders: ["tp1investor"] }],
  ["limits.messages", { messages: 4 }],
  ["limits.messages", { messages: Number.NaN }],
  ["other messages", { otherLeave: true }],
  ["other messages", { otherLeave: undefined as never }],
  ["limits.hours", { deadlineMs: NOW + 24 * HOUR + 1 }],
  ["limits.hours", { deadlineMs: NOW }],
  ["limits.hours", { deadlineMs: Number.NaN }],
  ["limits.fee", { fee: 1001n }],
  ["limits.perDay", { approvedToday: new Map([["greetings", 10]]) }],
];

describe("an approval policy", () => {
  it("approves what one rule names altogether, at its limits", () => {
    assert.deepEqual(decideApproval(read(rule), facts), { kind: "approve", rule: "greetings" });
    assert.deepEqual(decideApproval(read({ ...rule, name: "never", contract: other }, rule), facts), {
      kind: "approve",
      rule: "greetings",
    });
  });

  it("allows new scopes and readers only where it says so", () => {
    const wide = read({ ...rule, newScopes: true, readers: ["tp1investor"] });
    assert.equal(decideApproval(wide, { ...facts, newScope: true, newReaders: ["tp1investor"] }).kind, "approve");
    assert.equal(decideApproval(wide, { ...facts, newReaders: ["tp1investor", "tp1x"] }).kind, "ask");
  });

  for (const [what, change] of departures) {
    it(`asks when ${what} does not fit: ${Object.entries(change).map(([name, value]) => `${name} ${value}`)}`, () => {
      const decision = decideApproval(read(rule), { ...facts, ...change });
      const why = what === "contract" ? [] : [{ rule: "greetings", misses: [what] }];
      assert.deepEqual(decision, { kind: "ask", why });
    });
  }

  it("asks whatever comes together, for every set of departures, whatever other rules there are", () => {
    const many = read({ ...rule, name: "elsewhere", scopeSpecification: "scopespec1qother" }, rule);
    for (let set = 1; set < 2 ** departures.length; set += 37) {
      const changes = departures.filter((_, at) => (set >> at) & 1).map(([, change]) => change);
      const changed: ApprovalFacts = Object.assign({}, facts, ...changes);
      // Of two that change the same fact, each spoils it.
      assert.equal(decideApproval(many, changed).kind, "ask", `set ${set}`);
    }
  });

  it("asks when there is no rule", () => {
    assert.deepEqual(decideApproval(read(), facts), { kind: "ask", why: [] });
  });

  it("is refused with anything that it does not know, or that is not what it must be", () => {
    const bad: readonly (readonly [unknown, RegExp])[] = [
      [{ ...rule, contracts: "*" }, /rules/],
      [{ ...rule, contract: "*" }, /contract/],
      [{ ...rule, invokers: "tp1lender" }, /invokers/],
      [{ ...rule, limits: { ...rule.limits, messages: -1 } }, /messages/],
      [{ ...rule, limits: { ...rule.limits, fee: 5 } }, /fee/],
      [{ ...rule, limits: { messages: 3, hours: 1, fee: "1" } }, /perDay/],
      [{ ...rule, newScopes: "yes" }, /newScopes/],
    ];
    for (const [wrong, words] of bad) {
      assert.throws(() => read(wrong), { code: "configuration.invalid", message: words });
    }
    assert.throws(() => read(rule, rule), { code: "configuration.invalid", message: /two rules/ });
    assert.throws(() => parseApprovalPolicy('{"format":2,"rules":[]}'), { code: "configuration.invalid" });
  });
});
