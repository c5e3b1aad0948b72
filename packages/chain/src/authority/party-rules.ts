import type { AccountAddress } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";

/** The ledger's two ways to ask for parties (provenance: x/metadata/keeper/signers.go), as values. */

/** An account in its role, as messages carry it. */
export type Party = Pick<metadata.Party, "address" | "role" | "optional">;

/** So many of these parties, each for one. */
export interface RoleNeed {
  /** `OWNER` and so on. */
  readonly role: string;
  readonly count: number;
  /** In the order in which the ledger tries them. */
  readonly candidates: readonly RoleCandidate[];
}

/** A party that can stand for a role. */
export interface RoleCandidate {
  readonly address: AccountAddress;
  /** Its authority is needed in any case, so it costs no more to count it here. */
  readonly isRequired: boolean;
}

/** What a message needs of parties: each of the accounts, and of each role so many. */
export interface PartyNeed {
  readonly everyOf: readonly AccountAddress[];
  readonly roles: readonly RoleNeed[];
}

/** Without rollup: every account, whatever its role (validateAllRequiredSigned). */
export function everyAccount(parties: readonly Pick<Party, "address">[]): PartyNeed {
  return { everyOf: addressesOf(parties), roles: [] };
}

/** Of parties where some may be optional: the others. */
export function everyRequired(parties: readonly Party[]): PartyNeed {
  return everyAccount(parties.filter(({ optional }) => !optional));
}

/**
 * With rollup: every required party that is not optional, and for each role as many of the available parties as it is
 * named times (validateAllRequiredPartiesSigned). One account in two roles counts for both.
 */
export function rolledUp(
  required: readonly Party[],
  available: readonly Party[],
  roles: readonly metadata.PartyType[],
): PartyNeed {
  const always = required.filter(({ optional }) => !optional);
  return {
    everyOf: addressesOf(always),
    roles: [...new Set(roles)].map((role) => ({
      role: roleText(role),
      count: roles.filter((one) => one === role).length,
      candidates: addressesOf(available.filter((party) => party.role === role)).map((address) => ({
        address,
        isRequired: always.some((party) => party.address === address && party.role === role),
      })),
    })),
  };
}

/** Of the roles that parties must fill, those that they do not, each as often as it lacks (validateRolesPresent). */
export function rolesLacking(parties: readonly Party[], roles: readonly metadata.PartyType[]): readonly string[] {
  return rolledUp([], parties, roles).roles.flatMap(({ role, count, candidates }) =>
    Array.from({ length: Math.max(0, count - candidates.length) }, () => role),
  );
}

/** The name of a role; the number of one that has none. */
export function roleText(role: metadata.PartyType): string {
  return metadata.PartyTypeSchema.value[role]?.localName ?? String(role);
}

function addressesOf(parties: readonly Pick<Party, "address">[]): AccountAddress[] {
  return [...new Set(parties.map(({ address }) => address as AccountAddress))];
}
