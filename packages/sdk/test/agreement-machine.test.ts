import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networks, parseUuid } from "@p8e/core";
import { accountAddress, localKey, parsePrivateKey } from "@p8e/crypto";
import fc from "fast-check";
import { type Agreement, type AgreementEvent, dutyOf, type SigningParty, stepOf } from "../src/agreement/agreement.ts";
import type { SignedMail } from "../src/agreement/agreement-mail.ts";
import {
  type Approval,
  approvalDutyOf,
  approvalStates,
  isApprovalOver,
  mayApprovalFollow,
} from "../src/agreement/approval.ts";
import { isFinal, mayFollow } from "../src/state/execution.ts";

const keyOf = (n: number) => localKey(parsePrivateKey(new Uint8Array(32).fill(n))).publicKey;
const mail: SignedMail = { content: Uint8Array.of(1), signature: Uint8Array.of(2), signer: keyOf(1) };
const signers: readonly SigningParty[] = [2, 3, 4].map((n) => ({
  address: accountAddress(keyOf(n), networks.local.accountPrefix),
  ...{ signingKey: keyOf(n), encryptionKey: keyOf(n), stand: "asked" },
}));
const DEADLINE = 1000;
const start: Agreement = {
  uuid: parseUuid("00000000-0000-4000-8000-000000000001"),
  ...{ state: "requested", deadlineMs: DEADLINE, request: mail, signers, sendings: 1, told: false, revision: 1 },
};

/** What happens to an agreement: mail and people, or the outbox, which moves executions by the same rules. */
type Happening = AgreementEvent | { readonly kind: "outbox"; readonly to: Agreement["state"] };

const somebody = fc.constantFrom(...signers.map(({ address }) => address));
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: somebody.map((by) => ({ kind: "signed" as const, by, mail })) },
  somebody.map((by) => ({ kind: "refused" as const, by, reason: "no", mail })),
  fc.constant({ kind: "cancelled" as const, reason: "enough" }),
  fc.constant({ kind: "overdue" as const }),
  {
    weight: 4,
    arbitrary: fc.constantFrom("broadcasting", "signed", "committed", "failed", "expired").map((to) => ({
      ...{ kind: "outbox" as const, to: to as Agreement["state"] },
    })),
  },
);

/** The outbox owns what is signed or on its way, and nothing else. */
function happens(agreement: Agreement, what: Happening): Agreement {
  if (what.kind === "outbox") {
    const its = agreement.state === "signed" || agreement.state === "broadcasting";
    if (!its || !mayFollow(agreement.state, what.to)) return agreement;
    return { ...agreement, state: what.to };
  }
  const step = stepOf(agreement, what);
  if (step.kind !== "moved") return agreement;
  if (step.to !== agreement.state) assert.ok(mayFollow(agreement.state, step.to), `${agreement.state} to ${step.to}`);
  return { ...agreement, state: step.to, signers: step.signers, reason: step.reason };
}

describe("the life of an agreement", () => {
  it("comes to the ledger by the signatures of all alone, and once", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 30 }), (all) => {
        let agreement = start;
        let written = 0;
        for (const what of all) {
          const before = agreement;
          agreement = happens(agreement, what);
          if (isFinal(before.state)) assert.equal(agreement.state, before.state);
          if (agreement.state === "broadcasting" || agreement.state === "committed") {
            assert.ok(agreement.signers.every(({ stand }) => stand === "signed"));
          }
          if (before.state !== "committed" && agreement.state === "committed") {
            assert.equal(before.state, "broadcasting");
            written++;
          }
        }
        assert.ok(written <= 1);
      }),
    );
  });

  it("has no end of which not everybody is told, and none that the clock makes while it may be on its way", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 30 }), fc.nat(2 * DEADLINE), (all, now) => {
        const agreement = all.reduce(happens, start);
        const duty = dutyOf(agreement, now);
        if (isFinal(agreement.state)) {
          assert.equal(duty, "tell");
          assert.equal(dutyOf({ ...agreement, told: true }, now), "none");
        } else if (agreement.state === "broadcasting") assert.equal(duty, "write");
        else if (now >= DEADLINE) assert.equal(duty, "expire");
        else assert.equal(duty, agreement.state === "signed" ? "write" : "wait");
      }),
    );
  });

  it("gives the same whatever the order in which all sign, and however often", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 0, 1, 2], { minLength: 6 }), (order) => {
        let agreement = start;
        for (const index of order)
          agreement = happens(agreement, { kind: "signed", by: signers[index]!.address, mail });
        assert.equal(agreement.state, "signed");
        assert.deepEqual(
          agreement.signers.map(({ address }) => address),
          signers.map(({ address }) => address),
        );
      }),
    );
  });

  it("is rejected by who takes an approval back, until it is on its way to the ledger", () => {
    const by = signers[1]!.address;
    const refused: AgreementEvent = { kind: "refused", by, reason: "changed our mind", mail };
    let signed = start;
    for (const { address } of signers) signed = happens(signed, { kind: "signed", by: address, mail });
    assert.equal(signed.state, "signed");
    const rejected = happens(signed, refused);
    assert.deepEqual([rejected.state, rejected.reason], ["rejected", "changed our mind"]);
    assert.deepEqual(stepOf({ ...signed, state: "broadcasting" }, refused), { kind: "late" });
    assert.deepEqual(stepOf({ ...signed, state: "committed" }, refused), { kind: "late" });
  });

  it("names why an event leads nowhere", () => {
    const by = signers[0]!.address;
    const signed = happens(start, { kind: "signed", by, mail });
    assert.equal(signed.state, "awaiting");
    assert.deepEqual(stepOf(signed, { kind: "signed", by, mail }), { kind: "repeated" });
    const stranger = accountAddress(keyOf(9), networks.local.accountPrefix);
    assert.deepEqual(stepOf(start, { kind: "signed", by: stranger, mail }), { kind: "stranger" });
    const cancelled = happens(signed, { kind: "cancelled", reason: "enough" });
    assert.deepEqual(stepOf(cancelled, { kind: "signed", by: signers[1]!.address, mail }), { kind: "late" });
    assert.deepEqual(stepOf({ ...signed, state: "broadcasting" }, { kind: "cancelled", reason: "x" }), {
      kind: "late",
    });
    assert.deepEqual(stepOf({ ...signed, state: "broadcasting" }, { kind: "overdue" }), { kind: "late" });
  });
});

describe("the life of a request", () => {
  const approval: Omit<Approval, "state"> = {
    ...{ uuid: start.uuid, invoker: signers[0]!.address, scopeUuid: start.uuid, sessionUuid: start.uuid },
    ...{ contract: "x.Y", deadlineMs: DEADLINE, request: mail, granted: false },
    ...{ receivedAtMs: 0, updatedAtMs: 0, revision: 1 },
  };

  it("is approved only after it was executed here, and leaves its end only for the ledger's", () => {
    for (const from of approvalStates) {
      if (from !== "inspected") assert.equal(mayApprovalFollow(from, "approving"), false, from);
      if (from !== "approving") assert.equal(mayApprovalFollow(from, "approved"), false, from);
      if (!isApprovalOver(from)) continue;
      for (const to of approvalStates) {
        assert.equal(mayApprovalFollow(from, to), from !== "committed" && to === "committed", `${from}, ${to}`);
      }
    }
  });

  it("leaves no grant behind, wherever it ends", () => {
    for (const state of approvalStates) {
      const over = isApprovalOver(state);
      assert.equal(approvalDutyOf({ ...approval, state, granted: true }, 0) === "release", over, state);
      assert.equal(approvalDutyOf({ ...approval, state }, DEADLINE), over ? "none" : "expire", state);
    }
  });
});
