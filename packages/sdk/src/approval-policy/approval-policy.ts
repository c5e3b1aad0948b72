import { type ContentHash, P8eError, parseContentHash, parseJson, shape, type ValueOf } from "@p8e/core";

const HOURS_MAX = 24 * 366;

const address = shape.text({ says: "an account's address", form: /^[a-z0-9]{1,83}$/, lengthMax: 100 });
const names = shape.text({ says: "a name of letters, digits, dots and dashes", form: /^[\w.-]{1,60}$/ });

/** What one rule allows. Everything that it names must hold; what it does not name is not allowed. */
const ruleShape = shape.object({
  name: names,
  /** The first 16 bytes of its specification's SHA-256, in base64: the ledger names it so. Code and types hang on it. */
  contract: shape.parsed<ContentHash>("the hash of a contract's specification, in base64", parseContentHash),
  /** Who may ask. */
  invokers: shape.list(address, 100),
  /** Of the scopes. */
  scopeSpecification: shape.text({
    says: "the address of a scope specification",
    form: /^scopespec1[a-z0-9]{1,80}$/,
  }),
  limits: shape.object({
    /** Of the messages that the invoker may write with this party's leave. */
    messages: shape.whole(0, 1000),
    /** From now until the deadline. */
    hours: shape.whole(1, HOURS_MAX),
    /** Automatic approvals by this rule within a day. */
    perDay: shape.whole(1, 1_000_000),
    /** In nhash: what this party pays for its grant. */
    fee: shape.parsed<bigint>("an amount of nhash as a text of digits", parseFee, 30),
  }),
  /** Whether a session may make a new scope; only existing ones when absent. */
  newScopes: shape.optional(shape.flag()),
  /** Who may become a reader; nobody when absent. */
  readers: shape.optional(shape.list(address, 100)),
});

const policyShape = shape.object({ format: shape.only(1), rules: shape.list(ruleShape, 200) });

/** One thing that is approved without asking. */
export type ApprovalRule = ValueOf<typeof ruleShape>;
/** What is approved without asking: nothing but what a rule names. Data, not code (docs/protocol/approval-policy.md). */
export type ApprovalPolicy = ValueOf<typeof policyShape>;

/** Of a policy's file. */
const POLICY_BYTES_MAX = 1024 * 1024;

/** @throws `configuration.invalid` with the field and what it must be */
export function parseApprovalPolicy(text: string | Uint8Array): ApprovalPolicy {
  const policy = parseJson(policyShape, text, {
    what: "the approval policy",
    code: "configuration.invalid",
    bytesMax: POLICY_BYTES_MAX,
  });
  const known = new Set<string>();
  for (const { name } of policy.rules) {
    if (known.has(name)) {
      throw new P8eError("configuration.invalid", `the approval policy has two rules that are named "${name}"`);
    }
    known.add(name);
  }
  return policy;
}

function parseFee(text: string): bigint {
  if (!/^\d{1,30}$/.test(text)) throw new Error("no amount");
  return BigInt(text);
}
