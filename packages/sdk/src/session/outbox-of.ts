import { ledgerSigner } from "@p8e/chain";
import type { PartyParts } from "../parts.ts";
import type { Outbox } from "./outbox-parts.ts";

/** A party's way to the ledger. */
export function outboxOf(parts: PartyParts): Outbox {
  return { ...parts, signer: ledgerSigner(parts.party.signing, parts.network.accountPrefix) };
}
