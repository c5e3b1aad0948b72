import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { hasCode, isP8eError, P8eError } from "@p8e/core";

/** The same source as a second module: what a process has that holds two copies of the package. */
const copy = (await import(`${new URL("../src/errors.ts", import.meta.url).href}?copy`)) as typeof import("@p8e/core");

describe("an error of p8e", () => {
  it("is recognized across copies of the package, and passes every gate unchanged", () => {
    const foreign = new copy.P8eError("object.not_found", "gone", { facts: { hash: "AA==" } });
    assert.equal(foreign instanceof P8eError, false);
    assert.ok(isP8eError(foreign));
    assert.equal(P8eError.from(foreign), foreign);
    assert.ok(hasCode(foreign, "object.not_found"));
    assert.equal(foreign.facts.hash, "AA==");
    assert.ok(copy.isP8eError(new P8eError("input.invalid", "no")));
  });

  it("is nothing that only bears its name", () => {
    const named = Object.assign(new Error("no"), { name: "P8eError", code: "input.invalid" });
    for (const other of [named, { code: "input.invalid" }, undefined, null, "P8eError"]) {
      assert.equal(isP8eError(other), false);
    }
    assert.equal(P8eError.from(named).code, "internal.unexpected");
  });

  it("has a status even with a code that this copy does not know", () => {
    const newer = new P8eError("tomorrow.unknown" as "internal.unexpected", "of a newer version");
    assert.equal(newer.status, new P8eError("internal.unexpected", "").status);
    assert.equal(new P8eError("constructor" as "internal.unexpected", "").status.exit, 21);
  });

  it("has the codes that were asked for, and no others", () => {
    const error: unknown = new P8eError("ledger.not_found", "no such scope");
    assert.equal(hasCode(error, "rpc.failed", "ledger.not_found"), true);
    assert.equal(hasCode(error, "rpc.failed"), false);
    assert.equal(hasCode(new Error("ledger.not_found"), "ledger.not_found"), false);
  });
});

describe("what was thrown becomes an error of p8e", () => {
  const from = async (work: (signal: AbortSignal) => Promise<unknown>, signal: AbortSignal) => {
    const thrown: unknown = await work(signal).catch((error: unknown) => error);
    const { code, cause } = P8eError.from(thrown, "contract.build_failed");
    return { code, cause, thrown };
  };
  const wait = (signal: AbortSignal) => delay(60_000, undefined, { signal });

  it("rpc.deadline for a timeout, alone or as the reason of an abort", async () => {
    const timeout = AbortSignal.timeout(1);
    const { code, cause } = await from(wait, timeout);
    assert.equal(code, "rpc.deadline");
    assert.equal(cause, timeout.reason);
    assert.equal(P8eError.from(new DOMException("late", "TimeoutError")).code, "rpc.deadline");
  });

  it("rpc.cancelled for an abort, whatever code was meant for failures", async () => {
    const controller = new AbortController();
    const ended = from(wait, controller.signal);
    controller.abort();
    assert.equal((await ended).code, "rpc.cancelled");
    assert.equal(P8eError.from(new DOMException("stop", "AbortError")).code, "rpc.cancelled");
  });

  it("the reason itself where it is an error of ours", async () => {
    const reason = new P8eError("store.unavailable", "the store is closing");
    const { thrown } = await from(wait, AbortSignal.abort(reason));
    assert.equal(P8eError.from(thrown), reason);
  });

  it("the code that the caller gives for anything else, with the cause kept", () => {
    const cause = new RangeError("out of range");
    const error = P8eError.from(cause, "store.storage");
    assert.deepEqual([error.code, error.message, error.cause], ["store.storage", "out of range", cause]);
    assert.equal(P8eError.from("a text").message, "a text");
  });
});
