import type { PublicKey } from "@p8e/crypto";
import { samePartner, withRegistered } from "./partners.ts";
import type { PartyName } from "./profile/party-name.ts";
import { type LocatedProfile, type PartyDescription, type Profile, partnerNamed } from "./profile/profile.ts";
import { updateProfile } from "./profile/update-profile.ts";

/** Where keys are registered: a client of the store, or the store itself. */
export interface KeyRegistry {
  registerKey(
    key: PublicKey,
    options?: { readonly url?: string; readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
}

/**
 * Tells the own store which keys are its own, so that it keeps what is for them and passes nothing of it on.
 * @throws `store.unavailable`, `rpc.…`
 */
export async function registerOwnKeys(
  store: KeyRegistry,
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
  store: KeyRegistry,
  partner: PartyDescription,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  for (const key of await keysOf(partner)) await store.registerKey(key, { ...callOf(options), url: partner.storeUrl });
}

/**
 * Tells the own store of every partner that it still has to be told of, and notes it in the profile. Run at every start of
 * a store, it makes up for the times when the store was down.
 * @returns the names of the partners that the store knows now
 * @throws `store.unavailable`, `rpc.…`, `environment.in_use`, `configuration.invalid`
 */
export async function registerPendingPartners(
  store: KeyRegistry,
  located: LocatedProfile,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly PartyName[]> {
  const pending = located.profile.partners.filter((partner) => partner.toRegister);
  if (pending.length === 0) return [];
  for (const partner of pending) await registerPartner(store, partner, options);
  const names = pending.map(({ name }) => name);
  // A partner that was changed while his keys were registered still has to be.
  await updateProfile(
    located,
    (profile) => {
      const same = names.filter((name) =>
        samePartner(partnerNamed(profile, name), partnerNamed(located.profile, name)),
      );
      return withRegistered(profile, same);
    },
    options,
  );
  return names;
}

function callOf({ signal }: { readonly signal?: AbortSignal | undefined }) {
  return signal === undefined ? {} : { signal };
}

async function keysOf({ signingKey, encryptionKey }: PartyDescription) {
  const { publicKeyFromBase64 } = await import("@p8e/crypto");
  return [...new Set([signingKey, encryptionKey])].map((text) => publicKeyFromBase64(text));
}
