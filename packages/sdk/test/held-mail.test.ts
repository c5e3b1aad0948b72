import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { P8eError, parseUuid, type Uuid } from "@p8e/core";
import { foreignText } from "@p8e/sdk";
import { HeldMail } from "../src/mailbox-loop/held-mail.ts";
import { ATTEMPTS_MAX, mailFate } from "../src/mailbox-loop/mail-fate.ts";

const letter = (number: number): Uuid => parseUuid(`00000000-0000-4000-8000-${String(number).padStart(12, "0")}`);

describe("letters that wait", () => {
  it("hold up those of their thread that came later, and no others", () => {
    const held = new HeldMail();
    held.hold(letter(1), "a", 0, 100);
    assert.equal(held.blocks("a", letter(2)), true);
    assert.equal(held.blocks("b", letter(2)), false);
    held.holdBehind(letter(2), "a", 0);
    held.hold(letter(1), "a", 100, 200);
    assert.equal(held.blocks("a", letter(1)), false);
    assert.equal(held.blocks("a", letter(2)), true);
    held.release(letter(1));
    assert.equal(held.blocks("a", letter(2)), false);
  });

  it("are due one after the other, and what waits behind one is due with it at no cost of its own", () => {
    const held = new HeldMail();
    assert.equal(held.untilDue(0), undefined);
    held.hold(letter(1), "a", 0, 100);
    held.holdBehind(letter(2), "a", 50);
    held.hold(letter(3), "b", 0, 300);
    assert.deepEqual([held.untilDue(40), held.untilDue(150)], [60, 0]);
    assert.deepEqual(held.notDue(100), new Set([letter(3)]));
    assert.deepEqual([held.attempts(letter(1)), held.attempts(letter(2))], [1, 0]);
  });
});

describe("what becomes of a letter that fails", () => {
  it("is set aside at once when nothing can mend it, and tried again, later and later, when something may", () => {
    assert.deepEqual(mailFate(new P8eError("envelope.malformed", ""), 1), { kind: "quarantine", reason: "unusable" });
    const away = new P8eError("rpc.unavailable", "");
    assert.deepEqual(
      [1, 2, 3, 29].map((attempt) => mailFate(away, attempt)),
      [200, 400, 800, 60_000].map((afterMs) => ({ kind: "later", afterMs })),
    );
    assert.deepEqual(mailFate(away, ATTEMPTS_MAX), { kind: "quarantine", reason: "gave_up" });
    assert.equal(mailFate(new P8eError("state.conflict", ""), 1).kind, "later");
  });

  it("is tried three times when nobody foresaw it, and ends the loop when nothing can be remembered", () => {
    const bug = P8eError.from(new TypeError("x"));
    assert.deepEqual([mailFate(bug, 2).kind, mailFate(bug, 3).kind], ["later", "quarantine"]);
    for (const code of ["state.newer", "state.corrupt", "rpc.cancelled"] as const) {
      assert.deepEqual(mailFate(new P8eError(code, ""), 1), { kind: "stop" });
    }
  });
});

describe("somebody else's words", () => {
  it("are one line without anything that a terminal obeys or an eye does not see", () => {
    assert.equal(foreignText("no\u001b[31m way\r\n\u202Ereversed\u200b\u0000 "), "no [31m way reversed");
    assert.equal(foreignText("x".repeat(600), 10), `${"x".repeat(9)}…`);
    assert.equal(foreignText("\ud800lone"), "lone");
    assert.equal(foreignText("Grüße, 世界"), "Grüße, 世界");
  });
});
