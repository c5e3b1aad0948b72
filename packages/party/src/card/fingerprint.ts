import { hexEncode, type Network, sha256, utf8Encode } from "@p8e/core";
import type { PartyDescription } from "../profile/profile.ts";

/**
 * What two people compare over the telephone: SHA-256 over network and both keys, 64 hex digits in groups of eight. A new
 * store URL, name or title keeps it; a new key does not.
 */
export function partyFingerprint(
  party: Pick<PartyDescription, "signingKey" | "encryptionKey">,
  network: Pick<Network, "chainId">,
): string {
  const lines = ["p8e party keys 1", network.chainId, party.signingKey, party.encryptionKey];
  return hexEncode(sha256(utf8Encode(lines.map((line) => `${line}\n`).join(""))))
    .match(/.{8}/g)!
    .join("-");
}

/** Whether a text that a person gives is this fingerprint, however it is spaced. */
export function isFingerprint(given: string, fingerprint: string): boolean {
  return given.replaceAll(/[-:\s]/g, "").toLowerCase() === fingerprint.replaceAll("-", "");
}
