import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSequenceMismatch, transactionError, verdictOfText } from "../src/transactions/errors.ts";
import type { TransactionErrorKind } from "../src/transactions/transaction-error-kind.ts";

const alice = "tp1hslffrztjp399d86a25fh2khg0c6je3achzhyj";
const bob = "tp196g09ugqd0rhkqgu4cnd97e65akeq9dmhttc25";
const scope = "scope1qzge0zaztu65tx5x5llv5xc9ztsqxlkwel";

function verdict(log: string, code = 18, codespace = "sdk") {
  return { codespace, code, log: `failed to execute message; message index: 0: ${log}`, phase: "deliver" as const };
}

const texts: readonly (readonly [TransactionErrorKind, string, number?, string?])[] = [
  ["MissingSignature", `missing signature: ${alice}: invalid request`],
  ["MissingSignature", `missing required signatures: ${alice} (OWNER), ${bob} (SERVICER): invalid request`],
  ["MissingRoleSignature", "missing signers for roles required by spec: OWNER need 2 have 1: invalid request"],
  ["MissingRole", "missing roles required by spec: OWNER need 1 have 0: invalid request"],
  ["MissingValueOwnerSignature", `missing signature from existing value owner "${alice}": invalid request`],
  ["PartyNotOwner", "not all session parties in scope owners: missing party: invalid request"],
  ["SilentAccount", `account "${bob}" is a smart contract but does not have the PROVENANCE role: invalid request`],
  ["BadRole", `account "${bob}" has role PROVENANCE but is not a smart contract: invalid request`],
  ["NotFound", `scope not found with id ${scope}: invalid request`],
  ["NotFound", "cannot find contract specification contractspec1q000d0q2e8w5say53afqdesxp2zqzkr4fn"],
  ["SpecNotAllowed", "contract spec contractspec1q000d0q2e8w5say53afqdesxp2zqzkr4fn not listed in scope spec x"],
  ["RecordShape", "missing input [loan]: invalid request"],
  ["RecordShape", "extra inputs [a b]: invalid request"],
  ["RecordShape", "input loan has TypeName A but spec calls for B"],
  ["RecordShape", "input loan has source type hash but spec calls for record"],
  ["RecordShape", "invalid output count (expected: 1, got: 0)"],
  ["Immutable", "the Name field of records cannot be changed: invalid request"],
  ["Immutable", "cannot update specification identifier. expected a, got b"],
  ["InUse", "contract specification with id x still in use"],
  ["FeeStyle", "old gas-prices value detected; always use 1nhash", 1, "undefined"],
  ["InsufficientFunds", "1nhash is smaller than 2nhash: insufficient funds", 5],
  ["InsufficientFee", "fee too small: insufficient fee", 13],
  ["UnknownAccount", "fee payer address does not exist: unknown address", 9],
  ["BadSignature", "signature verification failed; verify account number and chain-id", 4],
  ["NotFound", "unknown request", 38],
  ["OutOfGas", "out of gas in location", 11],
  ["TooLarge", "tx too large", 21],
  ["TimeoutHeight", "tx timeout height", 30],
  ["TimeoutHeight", "unordered transaction has a timeout_timestamp that is in the past", 42],
  ["GasLimit", "invalid gas limit", 41],
  ["FeeGrant", "fee limit exceeded", 2, "feegrant"],
  ["FeeGrant", `failed to use fee grant: granter: ${alice}, grantee: ${bob}: basic allowance: fee limit exceeded`],
  ["FeeGrant", `failed to use fee grant: granter: ${alice}, grantee: ${bob}: fee-grant not found: not found`],
  ["FeeGrant", `fee-grant not found: granter ${alice}, grantee ${bob}: not found`, 38],
  ["Authorization", "authorization expired", 6, "authz"],
  ["Panic", "recovered: runtime error\ngoroutine 7 [running]:\nmain.go:1", 111222, "undefined"],
  ["Other", "something new", 18],
];

describe("what a node says about a transaction", () => {
  for (const [kind, log, code, codespace] of texts) {
    it(`"${log.split("\n")[0]!.slice(0, 60)}" is ${kind}`, () => {
      const error = transactionError(verdict(log, code, codespace));
      assert.equal(error.facts["kind"], kind);
      assert.equal(error.code, "ledger.transaction_failed");
    });
  }

  it("is told in words, with those whom the node named; the node's own words are a fact", () => {
    const error = transactionError(verdict(`missing required signatures: ${alice} (OWNER), ${bob} (OWNER)`));
    assert.equal(
      error.message,
      `the ledger included the transaction, and it failed: it lacks the signature of ${alice} and ${bob}`,
    );
    assert.match(String(error.facts["log"]), /: missing required signatures: /);
    for (const [kind, log, code, codespace] of texts) {
      const { message, facts } = transactionError(verdict(log, code, codespace));
      const isInItsWords = kind === "Panic" || kind === "Other";
      assert.equal(message.includes(log.split("\n")[0]!), isInItsWords, message);
      assert.ok(String(facts["log"]).length > 0);
    }
  });

  it("names the addresses whose signature is missing, each once", () => {
    const error = transactionError(verdict(`missing required signatures: ${alice} (OWNER), ${bob} (OWNER), ${alice}`));
    assert.deepEqual(error.facts["missingAddresses"], [alice, bob]);
  });

  it("names roles with what they need and have", () => {
    const error = transactionError(
      verdict("missing roles required by spec: OWNER need 2 have 1, SERVICER need 1 have 0"),
    );
    assert.deepEqual(error.facts["missingRoles"], ["OWNER need 2 have 1", "SERVICER need 1 have 0"]);
  });

  it("names what was not found", () => {
    assert.deepEqual(transactionError(verdict(`scope not found with id ${scope}`)).facts["ids"], [scope]);
  });

  it("gives the code that tells whether anything happened", () => {
    const atCheck = (code: number, log = "x", codespace = "sdk") =>
      transactionError({ codespace, code, log, phase: "check", hash: "AB" }).code;
    assert.equal(atCheck(18), "ledger.transaction_refused");
    assert.equal(atCheck(5), "ledger.insufficient_funds");
    assert.equal(atCheck(9), "ledger.account_not_found");
    assert.equal(atCheck(20), "ledger.unavailable");
    assert.equal(atCheck(30), "ledger.transaction_expired");
    assert.equal(atCheck(32, "account sequence mismatch, expected 5, got 4"), "ledger.sequence_mismatch");
  });

  it("keeps the stack of a panic out of the error", () => {
    const error = transactionError(verdict("recovered: runtime error\ngoroutine 7 [running]", 111222, "undefined"));
    assert.doesNotMatch(JSON.stringify([error.message, error.facts["log"]]), /goroutine/);
  });

  it("reads the two numbers of a sequence mismatch in every wording seen", () => {
    assert.deepEqual(
      parseSequenceMismatch("account sequence mismatch, expected 12, got 7: incorrect account sequence"),
      {
        expected: 12n,
        got: 7n,
      },
    );
    assert.equal(parseSequenceMismatch("incorrect account sequence"), undefined);
  });

  it("finds codespace and code in the text of a failed simulation", () => {
    assert.deepEqual(verdictOfText("rpc error: codespace sdk code 18: invalid request: x"), {
      codespace: "sdk",
      code: 18,
      log: "rpc error: codespace sdk code 18: invalid request: x",
    });
    assert.equal(verdictOfText("account sequence mismatch, expected 2, got 1").code, 32);
    assert.equal(verdictOfText("whatever").codespace, "undefined");
  });
});
