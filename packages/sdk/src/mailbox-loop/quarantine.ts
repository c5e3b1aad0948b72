import type { AccountAddress, P8eError, Uuid } from "@p8e/core";
import { foreignText } from "../foreign-text.ts";
import type { QuarantineReason } from "./mail-fate.ts";

/** A letter that was set aside: it had no effect, and the store does not hand it out any more. */
export interface QuarantinedMail {
  /** Of the letter in the mailbox. */
  readonly uuid: Uuid;
  readonly atMs: number;
  readonly reason: QuarantineReason;
  /** An error's code and words, on one line. */
  readonly code: string;
  readonly message: string;
  /** Who says that he has sent it; undefined when nobody can be made out. */
  readonly sender?: AccountAddress | undefined;
  readonly bytes: number;
}

/** Rows that are kept for each reason, the newest: who floods a mailbox hides nothing but others of his kind. */
export const QUARANTINE_ROWS_MAX = 500;

/** Where letters that were set aside are remembered. Part of a party's durable state. */
export interface Quarantine {
  /** Durable when it returns; one that is there already stays as it is. */
  add(mail: QuarantinedMail): Promise<void>;
  has(uuid: Uuid): Promise<boolean>;
  /** Newest first; at most `limit`, 100 unless given. */
  list(limit?: number): Promise<readonly QuarantinedMail[]>;
}

/** The row for a letter that failed. */
export function quarantined(
  mail: { readonly uuid: Uuid; readonly container: Uint8Array },
  error: P8eError,
  rest: Pick<QuarantinedMail, "atMs" | "reason" | "sender">,
): QuarantinedMail {
  return {
    uuid: mail.uuid,
    bytes: mail.container.length,
    code: error.code,
    message: foreignText(error.message, 300),
    ...rest,
  };
}
