// Compile-time rules of typed facts. This file is never run: `tsc` checks it, and an unused @ts-expect-error is an error.
import { type ErrorCode, type FactValue, hasCode, P8eError } from "@p8e/core";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertType<T extends true>(_proof?: T): void {}

new P8eError("object.not_found", "gone", { facts: { hash: "AA==" } });
// @ts-expect-error it is called hash
new P8eError("object.not_found", "gone", { facts: { objectHash: "AA==" } });
// @ts-expect-error a hash is a text
new P8eError("object.not_found", "gone", { facts: { hash: 1 } });
// @ts-expect-error both networks are told
new P8eError("ledger.wrong_network", "another chain", { facts: { expected: "pio-testnet-1" } });

// A code without a row keeps free facts, and so does one that is not known beforehand.
new P8eError("input.invalid", "no", { facts: { anything: 1 } });
declare const code: ErrorCode;
new P8eError(code, "no", { facts: { anything: 1 } });
// @ts-expect-error not every value is a fact
new P8eError("input.invalid", "no", { facts: { bytes: new Uint8Array() } });

// What is undefined may be said as undefined.
declare const maybe: string | undefined;
new P8eError("object.not_found", "gone", { facts: { hash: maybe }, hint: maybe, cause: maybe });

// Any error with a code is an error.
const errors: readonly P8eError[] = [
  new P8eError("object.not_found", "gone"),
  new P8eError("ledger.transaction_failed", "it failed", { facts: { kind: "OutOfGas" } }),
];
const { anything } = errors[0]!.facts;
assertType<Equal<typeof anything, FactValue>>();

export function read(thrown: unknown): void {
  if (hasCode(thrown, "ledger.transaction_failed", "ledger.transaction_refused")) {
    assertType<Equal<typeof thrown.code, "ledger.transaction_failed" | "ledger.transaction_refused">>();
    assertType<Equal<typeof thrown.facts.kind, string | undefined>>();
    assertType<Equal<typeof thrown.facts.height, bigint | undefined>>();
  }
}
