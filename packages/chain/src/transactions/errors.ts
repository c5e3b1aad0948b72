import { type ErrorCode, P8eError } from "@p8e/core";
import { canHaveMore } from "./out-of-gas.ts";
import { refusalWords } from "./refusal-words.ts";
import type { TransactionErrorKind } from "./transaction-error-kind.ts";

/**
 * What a node says about a transaction, made into one typed error.
 *
 * A node answers with a codespace, a code and a text. Codes are coarse (most refusals are `sdk/18`), so the cause is
 * also recognized by the stable parts of the text, most specific first.
 */

/** Where the answer came from: `simulate` and `check` leave nothing behind, `deliver` was included and has cost a fee. */
export type TransactionPhase = "build" | "simulate" | "check" | "deliver";

/** What a sender can do: nothing, look up the sequence, wait, treat it as already sent, or make it anew. */
export type RetryAdvice = "never" | "resync" | "backoff" | "already" | "rebuild";

/** What a node said of a transaction, and when. */
export interface NodeVerdict {
  readonly codespace: string;
  readonly code: number;
  readonly log: string;
  readonly phase: TransactionPhase;
  readonly hash?: string;
  readonly height?: bigint;
  /** Of an included transaction: its gas limit, and in nhash what the chain kept of its fee. */
  readonly gasLimit?: bigint;
  readonly feeTaken?: bigint;
}

/** As much of a node's own words as a message takes. */
const OWN_WORDS_MAX = 300;

/**
 * The node's words are a fact; the message says it in p8e's where they are known, else in the node's. Never for a verdict
 * with code 0. Facts: codespace, code, phase, kind, retry, hash, height and what the kind adds.
 */
export function transactionError(verdict: NodeVerdict): P8eError {
  const kind = errorKind(verdict);
  const log = kind === "Panic" ? firstLine(verdict.log, 200) : verdict.log.slice(0, 2000);
  const verb = verdict.phase === "deliver" ? "included the transaction, and it failed" : "refused the transaction";
  const found = details(kind, verdict.log);
  const { says = firstLine(verdict.log, OWN_WORDS_MAX), hint } = refusalWords(kind, found);
  const embedded = verdict.log.includes(NOT_EMBEDDED);
  return new P8eError(errorCode(kind, verdict.phase), `the ledger ${verb}: ${says}`, {
    facts: {
      codespace: verdict.codespace,
      code: verdict.code,
      phase: verdict.phase,
      kind,
      retry: retryAdvice(kind, verdict),
      hash: verdict.hash,
      height: verdict.height,
      gasLimit: verdict.gasLimit,
      feeTaken: verdict.feeTaken,
      log,
      ...found,
    },
    hint: embedded ? NOT_EMBEDDED_HINT : hint,
  });
}

/** Why a transaction was refused or failed: by its code where that says everything, else by its text. */
export function errorKind(verdict: Pick<NodeVerdict, "codespace" | "code" | "log">): TransactionErrorKind {
  const byCode = kindOfCode[`${verdict.codespace}/${verdict.code}`];
  if (byCode !== undefined) return byCode;
  if (verdict.codespace === "feegrant") return "FeeGrant";
  if (verdict.codespace === "authz") return "Authorization";
  for (const [token, kind] of kindOfToken) {
    if (verdict.log.includes(token)) return kind;
  }
  return kindOfClass[`${verdict.codespace}/${verdict.code}`] ?? "Other";
}

/** The embedded ledger has the messages of a few modules only. */
export function notEmbedded(typeName: string): P8eError {
  return new P8eError("rpc.unimplemented", `the embedded ledger does not support ${typeName}`, {
    facts: { type: typeName.slice(0, 200) },
    hint: NOT_EMBEDDED_HINT,
  });
}

const NOT_EMBEDDED_HINT = "Use a real node: p8e up --ledger provenanced runs one, --node and --network name another.";
/** What the embedded ledger says of what only a node has. */
const NOT_EMBEDDED = "not supported by the embedded ledger";

/** It was never included and never can be. */
export function expiredError(hash: string, timeoutHeight: bigint, height: bigint): P8eError {
  return new P8eError("ledger.transaction_expired", "the transaction was not included before its timeout height", {
    facts: { hash, timeoutHeight, height, kind: "TimeoutHeight", retry: "rebuild" },
    hint: "Submit it again: the old one can never be included any more.",
  });
}

/** The account's sequence went to another transaction: this one was never included and never can be. */
export function supersededError(hash: string, sequence: bigint): P8eError {
  return new P8eError("ledger.sequence_mismatch", "another transaction of the account took this one's sequence", {
    facts: { hash, sequence, kind: "SequenceMismatch", retry: "rebuild" },
    hint: "Submit it again; if it happens often, another program uses the same account.",
  });
}

/** Codes that say everything. */
const kindOfCode: Readonly<Record<string, TransactionErrorKind>> = {
  "sdk/5": "InsufficientFunds",
  "sdk/9": "UnknownAccount",
  "sdk/11": "OutOfGas",
  "sdk/13": "InsufficientFee",
  "sdk/19": "AlreadyInMempool",
  "sdk/20": "MempoolFull",
  "sdk/21": "TooLarge",
  "sdk/30": "TimeoutHeight",
  "sdk/32": "SequenceMismatch",
  "sdk/41": "GasLimit",
  "sdk/42": "TimeoutHeight",
  "undefined/111222": "Panic",
};

/** Codes that decide only when the text tells nothing more. */
const kindOfClass: Readonly<Record<string, TransactionErrorKind>> = {
  "sdk/4": "BadSignature",
  "sdk/38": "NotFound",
};

/** In this order: several texts contain the token of a broader one. */
const kindOfToken: readonly (readonly [string, TransactionErrorKind])[] = [
  ["account sequence mismatch", "SequenceMismatch"],
  // Whatever the module says of it, the node wraps in a request that is invalid.
  ["failed to use fee grant", "FeeGrant"],
  ["fee-grant not found", "FeeGrant"],
  ["old gas-prices", "FeeStyle"],
  ["existing value owner", "MissingValueOwnerSignature"],
  ["missing signers for roles", "MissingRoleSignature"],
  ["missing required signature", "MissingSignature"],
  ["missing signature", "MissingSignature"],
  ["missing roles required", "MissingRole"],
  ["not all session parties", "PartyNotOwner"],
  ["is not a smart contract", "BadRole"],
  ["is a smart contract", "SilentAccount"],
  ["not listed in scope spec", "SpecNotAllowed"],
  ["missing input", "RecordShape"],
  ["extra input", "RecordShape"],
  ["TypeName", "RecordShape"],
  ["source type", "RecordShape"],
  ["output count", "RecordShape"],
  ["cannot be changed", "Immutable"],
  ["cannot update", "Immutable"],
  ["still in use", "InUse"],
  ["insufficient funds", "InsufficientFunds"],
  ["insufficient fee", "InsufficientFee"],
  ["not found", "NotFound"],
  ["cannot find", "NotFound"],
];

function errorCode(kind: TransactionErrorKind, phase: TransactionPhase): ErrorCode {
  // A block can hold two transactions with one sequence where nodes do not check their pools again: the second did nothing.
  if (phase === "deliver" && kind !== "SequenceMismatch") return "ledger.transaction_failed";
  switch (kind) {
    case "SequenceMismatch":
      return "ledger.sequence_mismatch";
    case "InsufficientFunds":
      return "ledger.insufficient_funds";
    case "UnknownAccount":
      return "ledger.account_not_found";
    case "TimeoutHeight":
      return "ledger.transaction_expired";
    case "MempoolFull":
      return "ledger.unavailable";
    default:
      return "ledger.transaction_refused";
  }
}

function retryAdvice(kind: TransactionErrorKind, { gasLimit }: NodeVerdict): RetryAdvice {
  if (kind === "SequenceMismatch") return "resync";
  if (kind === "MempoolFull") return "backoff";
  if (kind === "TimeoutHeight") return "rebuild";
  if (kind === "OutOfGas" && gasLimit !== undefined && canHaveMore(gasLimit)) return "rebuild";
  return kind === "AlreadyInMempool" ? "already" : "never";
}

/** Of any network: an account's 20 bytes or 32 have this many characters, no metadata address has. */
const ACCOUNT = /\b[a-z][a-z0-9]{0,19}1(?:[02-9ac-hj-np-z]{38}|[02-9ac-hj-np-z]{58})\b/g;
const METADATA_ID = /\b(?:scope|session|record|contractspec|scopespec|recspec)1[02-9ac-hj-np-z]{20,80}\b/g;
const ROLE_COUNT = /\b([A-Z][A-Z_0-9]*) need (\d+) have (\d+)/g;

function details(kind: TransactionErrorKind, log: string): Record<string, bigint | readonly string[]> {
  switch (kind) {
    case "MissingSignature":
    case "MissingValueOwnerSignature":
      return { missingAddresses: unique(log, ACCOUNT) };
    case "MissingRole":
    case "MissingRoleSignature":
      return { missingRoles: unique(log, ROLE_COUNT) };
    case "SilentAccount":
    case "BadRole":
      return { addresses: unique(log, ACCOUNT) };
    case "NotFound":
    case "SpecNotAllowed":
      return { ids: unique(log, METADATA_ID) };
    case "SequenceMismatch":
      return parseSequenceMismatch(log) ?? {};
    default:
      return {};
  }
}

/** The two numbers of an `account sequence mismatch`, wherever in a text they stand. */
export function parseSequenceMismatch(text: string): { readonly expected: bigint; readonly got: bigint } | undefined {
  const match = /account sequence mismatch\D{0,40}expected\D{0,10}(\d{1,20})\D{0,10}got\D{0,10}(\d{1,20})/.exec(text);
  return match ? { expected: BigInt(match[1]!), got: BigInt(match[2]!) } : undefined;
}

/** The class of a failed simulation is in its text only, where it is at all. */
export function verdictOfText(text: string): Pick<NodeVerdict, "codespace" | "code" | "log"> {
  const match = /codespace ([a-z][a-z0-9_-]{0,30}) code (\d{1,9})/.exec(text);
  if (match) return { codespace: match[1]!, code: Number(match[2]), log: text };
  if (parseSequenceMismatch(text)) return { codespace: "sdk", code: 32, log: text };
  return { codespace: "undefined", code: 1, log: text };
}

function unique(text: string, pattern: RegExp): readonly string[] {
  return [...new Set(text.slice(0, 20_000).match(pattern) ?? [])].slice(0, 100);
}

function firstLine(text: string, charactersMax: number): string {
  const line = text.split("\n", 1)[0]!;
  return line.length > charactersMax ? `${line.slice(0, charactersMax)}…` : line;
}
