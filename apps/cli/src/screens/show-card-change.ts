import type { PartnerChange } from "@p8e/party";
import type { Screen } from "../terminal/screen.ts";

/** `p8e party add`, before it is asked about: what a card says, and what of it is new. */
export function showCardChange(
  screen: Screen,
  { partner, before, newKeys }: PartnerChange,
  of: { readonly fingerprint: string; readonly before: string | undefined; readonly signedAt: Date },
): void {
  const row = (now: string, then: string | undefined) =>
    then === undefined || then === now ? now : `${now}   (until now ${then})`;
  screen.facts([
    ["name", row(partner.name, before?.name)],
    ["title", row(partner.title, before?.title)],
    ["address", row(partner.address, before?.address)],
    ["store", row(partner.storeUrl, before?.storeUrl)],
    ["signing key", row(partner.signingKey, before?.signingKey)],
    ["encryption key", row(partner.encryptionKey, before?.encryptionKey)],
    ["card signed at", of.signedAt.toISOString()],
    ["fingerprint", row(of.fingerprint, of.before)],
  ]);
  if (newKeys) {
    screen.warn(
      `${partner.name} is known here with OTHER keys. Unless the partner told you that they changed, somebody else made this card.`,
    );
  }
}
