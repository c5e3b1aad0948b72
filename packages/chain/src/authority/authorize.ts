import type { AccountAddress } from "@p8e/core";
import type { MetadataMessageName } from "../messages/metadata-message-type.ts";
import type { NeededAuthority } from "./needed-authority.ts";
import type { RoleNeed } from "./party-rules.ts";

/** What a message lacks, and whose grants it uses up, when these sign and those have granted one of the signers. */
export interface MessageAuthority {
  /** Who must still sign or grant. */
  readonly missing: readonly AccountAddress[];
  /** Roles for which more must, with how many, and who could. */
  readonly missingRoles: readonly RoleNeed[];
  /** A counted grant goes down by one for each. */
  readonly granters: readonly AccountAddress[];
}

/** @param signers those that the message names as its signers */
export function authorize(
  needed: NeededAuthority,
  signers: ReadonlySet<string>,
  granted: ReadonlySet<string>,
): MessageAuthority {
  const missing: AccountAddress[] = [];
  const granters = new Set<AccountAddress>();
  for (const address of needed.everyOf.filter((one) => !signers.has(one))) {
    if (granted.has(address)) granters.add(address);
    else missing.push(address);
  }
  const missingRoles: RoleNeed[] = [];
  for (const need of needed.roles) {
    const isThere = ({ address, isRequired }: RoleNeed["candidates"][number]) =>
      signers.has(address) || (isRequired && granted.has(address));
    const rest = need.candidates.filter((one) => !isThere(one));
    const short = need.count - (need.candidates.length - rest.length);
    if (short <= 0) continue;
    // The ledger looks for grants only as far as signatures do not fill the role, in the order of the parties.
    const byGrant = rest.filter(({ address }) => granted.has(address)).slice(0, short);
    for (const { address } of byGrant) granters.add(address);
    if (byGrant.length < short) {
      missingRoles.push({
        ...need,
        count: short - byGrant.length,
        candidates: rest.filter((one) => !byGrant.includes(one)),
      });
    }
  }
  return { missing, missingRoles, granters: [...granters] };
}

/** Whether the ledger takes messages that these sign and those have granted, each often enough. */
export function isAuthorized(
  needed: readonly NeededAuthority[],
  signers: ReadonlySet<string>,
  granted: ReadonlySet<string>,
): boolean {
  return needed.every((one) => {
    const { missing, missingRoles } = authorize(one, signers, granted);
    return one.obstacles.length === 0 && missing.length === 0 && missingRoles.length === 0;
  });
}

/** A grant that a transaction needs: from whom, for what type of message, how often. */
export interface NeededGrant {
  readonly granter: AccountAddress;
  readonly message: MetadataMessageName;
  readonly count: number;
}

/**
 * The grants that a transaction uses up when `signers` sign it and every one of `granted` lets them. A grant to write
 * sessions covers records; data access is granted apart, so that nobody has to let others write whole scopes.
 */
export function neededGrants(
  needed: readonly NeededAuthority[],
  signers: ReadonlySet<string>,
  granted: ReadonlySet<string>,
): readonly NeededGrant[] {
  const grants = new Map<string, NeededGrant>();
  for (const one of needed) {
    const message = one.name === "WriteRecord" ? "WriteSession" : one.name;
    for (const granter of authorize(one, signers, granted).granters) {
      const key = `${granter} ${message}`;
      grants.set(key, { granter, message, count: (grants.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...grants.values()];
}
