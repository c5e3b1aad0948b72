import type { AccountAddress, Uuid } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import { type ExecutionState, isFinal } from "../state/execution.ts";
import type { SignedMail } from "./agreement-mail.ts";

/** A party whose signature is needed beside the invoker's. */
export interface SigningParty {
  readonly address: AccountAddress;
  readonly signingKey: PublicKey;
  readonly encryptionKey: PublicKey;
  readonly stand: "asked" | "signed" | "refused";
  /** The reply or refusal, once there is one. */
  readonly mail?: SignedMail | undefined;
}

/** The invoker's side of a session that several parties sign. What is not here the execution says. */
export interface Agreement {
  readonly uuid: Uuid;
  readonly state: ExecutionState;
  /** Milliseconds since 1970: after that nobody's signature counts any more. */
  readonly deadlineMs: number;
  /** As it was first sent. */
  readonly request: SignedMail;
  /** All but the invoker, in the request's order. */
  readonly signers: readonly SigningParty[];
  /** How often the request went out. */
  readonly sendings: number;
  readonly reason?: string | undefined;
  /** Whether everybody was told of its end. */
  readonly told: boolean;
  /** Goes up with each change: who changes it must have seen the last. */
  readonly revision: number;
}

/** What happens to an agreement, the writing to the ledger apart, which the outbox does. */
export type AgreementEvent =
  | { readonly kind: "signed"; readonly by: AccountAddress; readonly mail: SignedMail }
  | { readonly kind: "refused"; readonly by: AccountAddress; readonly reason: string; readonly mail: SignedMail }
  | { readonly kind: "cancelled"; readonly reason: string }
  | { readonly kind: "overdue" };

/** Where an event leads, or why it leads nowhere. */
export type AgreementStep =
  | {
      readonly kind: "moved";
      readonly to: ExecutionState;
      readonly signers: readonly SigningParty[];
      /** Undefined when it is the invoker's own doing, or the clock's. */
      readonly actor: AccountAddress | undefined;
      readonly cause: string;
      readonly reason?: string;
    }
  /** It has happened before. */
  | { readonly kind: "repeated" }
  /** It has ended, or is on its way to the ledger and cannot be called back. */
  | { readonly kind: "late" }
  /** Whoever it was has no say in it. */
  | { readonly kind: "stranger" };

/** What is left to do for an agreement; worked out from what is durable, so that a crash loses none of it. */
export type AgreementDuty = "wait" | "expire" | "write" | "tell" | "none";

/** The life of an agreement, as a function: from what is, and what happens, to what is then. */
export function stepOf(agreement: Agreement, event: AgreementEvent): AgreementStep {
  const { state, signers } = agreement;
  const asking = state === "requested" || state === "awaiting";
  switch (event.kind) {
    case "cancelled":
      if (!asking && state !== "signed") return { kind: "late" };
      return own("cancelled", signers, "cancelled", event.reason);
    case "overdue":
      if (!asking && state !== "signed") return { kind: "late" };
      return own("expired", signers, "the deadline has passed", "session.expired");
    case "signed":
    case "refused": {
      const known = signers.find((each) => each.address === event.by);
      if (known === undefined) return { kind: "stranger" };
      if (known.stand === event.kind) return { kind: "repeated" };
      // Who takes an approval back takes the grant back, too: what all have signed and nobody has sent cannot be written.
      if (!asking && !(state === "signed" && event.kind === "refused")) return { kind: "late" };
      const stand = event.kind;
      const now = signers.map((each) => (each === known ? { ...each, stand, mail: event.mail } : each));
      if (event.kind === "refused") {
        return {
          kind: "moved",
          to: "rejected",
          signers: now,
          actor: event.by,
          cause: "refused",
          reason: event.reason,
        };
      }
      const complete = now.every((each) => each.stand === "signed");
      return { kind: "moved", to: complete ? "signed" : "awaiting", signers: now, actor: event.by, cause: "signed" };
    }
  }
}

/** What is to be done for an agreement as it is now. */
export function dutyOf({ state, deadlineMs, told }: Agreement, nowMs: number): AgreementDuty {
  if (isFinal(state)) return told ? "none" : "tell";
  // What may have reached the ledger ends only there, whatever the clock says.
  if (state === "broadcasting") return "write";
  if (nowMs >= deadlineMs) return "expire";
  return state === "signed" ? "write" : "wait";
}

function own(
  to: ExecutionState,
  signers: readonly SigningParty[],
  cause: string,
  reason: string,
): AgreementStep & { kind: "moved" } {
  return { kind: "moved", to, signers, actor: undefined, cause, reason };
}
