import type { ObjectClient } from "@p8e/object-client";
import type { PartyDescription, Profile } from "./profile/profile.ts";

/**
 * Tells the own store which keys are its own, so that it keeps what is for them and passes nothing of it on.
 * @throws `store.unavailable`, `rpc.…`
 */
export async function registerOwnKeys(
  store: ObjectClient,
  profile: Profile,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  for (const key of await keysOf(profile.party)) await store.registerKey(key, callOf(options));
}

/**
 * Tells the own store where a partner's store is: what names the partner in its audience goes there from now on.
 * @throws `store.unavailable`, `rpc.…`
 */
export async function registerPartner(
  store: ObjectClient,
  partner: PartyDescription,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  for (const key of await keysOf(partner)) await store.registerKey(key, { ...callOf(options), url: partner.storeUrl });
}

function callOf({ signal }: { readonly signal?: AbortSignal | undefined }) {
  return signal === undefined ? {} : { signal };
}

async function keysOf({ signingKey, encryptionKey }: PartyDescription) {
  const { publicKeyFromBase64 } = await import("@p8e/crypto");
  return [...new Set([signingKey, encryptionKey])].map((text) => publicKeyFromBase64(text));
}
