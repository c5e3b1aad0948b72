import type { AccountAddress, AccountPrefix } from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import type { Affiliate } from "../session/affiliate.ts";
import type { ScopeSnapshot } from "../session/scope-snapshot.ts";

/** What a ledger says of who may read a scope. Sessions give access to the address of the encryption key. */
export type ScopeAccess = Pick<ScopeSnapshot, "owners" | "dataAccess">;

/** The address that a reader's access is written under. */
export function readingAddress(reader: Affiliate, prefix: AccountPrefix): AccountAddress {
  return accountAddress(reader.encryptionKey, prefix);
}

/** Both addresses of a party: others write either. */
export function addressesOf(party: Affiliate, prefix: AccountPrefix): readonly AccountAddress[] {
  return [...new Set([accountAddress(party.signingKey, prefix), accountAddress(party.encryptionKey, prefix)])];
}

/** Whether the ledger names the party among a scope's owners. */
export function isOwner({ owners }: ScopeAccess, party: Affiliate, prefix: AccountPrefix): boolean {
  return addressesOf(party, prefix).some((address) => owners.includes(address));
}

/** The party's addresses among those with data access. */
export function accessOf(
  { dataAccess }: ScopeAccess,
  party: Affiliate,
  prefix: AccountPrefix,
): readonly AccountAddress[] {
  return addressesOf(party, prefix).filter((address) => dataAccess.includes(address));
}
