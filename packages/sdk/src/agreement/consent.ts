import { hexEncode, P8eError, type Uuid, utf8Encode } from "@p8e/core";
import { type KeyReference, type PublicKey, signBytes, verifyBytes } from "@p8e/crypto";
import type { StateOrigin } from "../state/execution.ts";
import { requestHash, requestOf } from "./agreement-mail.ts";
import type { Approval } from "./approval.ts";

/** A person whose yes a party wants before it signs. The key is that person's own, and no key of the party's. */
export interface Approver {
  readonly name: string;
  readonly key: PublicKey;
}

/** Whose yes a party wants, and of how many of them, before it signs what others ask it to. */
export interface Approvers {
  /** At least 2, and at most as many as there are. */
  readonly needed: number;
  readonly people: readonly Approver[];
}

/**
 * That it wants several people, each with a key of his own that is none of the party's.
 * @throws `configuration.invalid`
 */
export function checkApprovers({ needed, people }: Approvers, own: readonly PublicKey[]): void {
  const invalid = (reason: string) =>
    new P8eError("configuration.invalid", `the approvers ${reason}`, { facts: { field: "approvers", reason } });
  const keys = new Set([...own, ...people.map(({ key }) => key)].map((key) => key.base64));
  if (keys.size !== new Set(own.map((key) => key.base64)).size + people.length) {
    throw invalid("must have a key each, and none of the party's own");
  }
  if (new Set(people.map(({ name }) => name)).size !== people.length) throw invalid("must have a name each");
  if (!Number.isInteger(needed) || needed < 2 || needed > people.length) {
    throw invalid("must be at least two, and as many as are needed");
  }
}

/** A person's yes to one request: a signature by that person's key. */
export interface Consent {
  readonly key: PublicKey;
  readonly signature: Uint8Array;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Who has said yes to a request, as far as their signatures hold, and who still can. */
export interface ConsentStanding {
  readonly needed: number;
  readonly given: readonly { readonly name: string; readonly atMs: number }[];
  readonly missing: readonly string[];
}

/**
 * What a person signs who says yes: for which party, on which chain, to which execution, and the hash of the request as its
 * invoker signed it, so that the signature is good for nothing else (docs/protocol/agreement.md).
 */
function consentBytes(
  { uuid, request }: Pick<Approval, "uuid" | "request">,
  { party, network }: StateOrigin,
): Uint8Array {
  const hash = hexEncode(requestHash(requestOf(request)));
  return utf8Encode(["p8e consent 1", network, party, uuid, hash].join("\n"));
}

/** A person says yes. @throws `session.foreign_signer` for a key that is not that person's */
export async function signConsent(
  approval: Approval,
  origin: StateOrigin,
  { name, key: expected }: Approver,
  key: KeyReference,
): Promise<Omit<Consent, "atMs">> {
  if (!key.publicKey.equals(expected)) {
    throw new P8eError("session.foreign_signer", `the key is another than that of the approver "${name}"`, {
      facts: { approver: name, publicKey: key.publicKey.base64 },
    });
  }
  return { key: key.publicKey, signature: await signBytes(key, consentBytes(approval, origin)) };
}

/** How a request stands. Of each person one yes counts; who is no approver any more has none. */
export function consentStanding(
  approval: Approval,
  origin: StateOrigin,
  { needed, people }: Approvers,
  consents: readonly Consent[],
): ConsentStanding {
  const bytes = consentBytes(approval, origin);
  const given: { name: string; atMs: number }[] = [];
  const missing: string[] = [];
  for (const { name, key } of people) {
    const consent = consents.find((each) => each.key.equals(key));
    if (consent !== undefined && verifyBytes(key, bytes, consent.signature)) given.push({ name, atMs: consent.atMs });
    else missing.push(name);
  }
  return { needed, given, missing };
}

/** @throws `session.approvers_missing` when too few have said yes */
export function requireConsents(execution: Uuid, { needed, given, missing }: ConsentStanding): void {
  if (given.length >= needed) return;
  const of = given.length === 0 ? "" : `, and has that of ${given.map(({ name }) => name).join(", ")}`;
  throw new P8eError("session.approvers_missing", `this party wants the yes of ${needed} people before it signs${of}`, {
    facts: { execution, needed, given: given.map(({ name }) => name), missing },
    hint: "Each of them looks at the request and says yes with a key of his own: p8e session approve --approver NAME.",
  });
}
