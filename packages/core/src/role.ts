import { P8eError } from "./errors.ts";

/** Party roles with their numbers, equal in contracts and on the chain (9 is reserved). */
export const roles = {
  ORIGINATOR: 1,
  SERVICER: 2,
  INVESTOR: 3,
  CUSTODIAN: 4,
  OWNER: 5,
  AFFILIATE: 6,
  OMNIBUS: 7,
  PROVENANCE: 8,
  CONTROLLER: 10,
  VALIDATOR: 11,
} as const;

/** What a party is in a contract. */
export type Role = keyof typeof roles;

/** Whether a text is the name of a role. */
export function isRole(text: string): text is Role {
  return Object.hasOwn(roles, text);
}

/** @throws `input.invalid` */
export function parseRole(text: string): Role {
  if (!isRole(text)) {
    throw new P8eError("input.invalid", `no such role; the roles are ${Object.keys(roles).join(", ")}`, {
      facts: { given: text.slice(0, 60) },
    });
  }
  return text;
}

/** Undefined for 0, the reserved 9 and the chain's generic roles, which contracts cannot name. */
export function roleFromNumber(number: number): Role | undefined {
  return (Object.keys(roles) as Role[]).find((role) => roles[role] === number);
}
