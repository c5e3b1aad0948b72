import { type ContentHash, isP8eError, P8eError, parseContentHash } from "@p8e/core";
import type { StoreReader } from "@p8e/object-store/inspection";
import type { LocatedProfile } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import { lastNamedOr } from "./last-named.ts";

const LEAST = 4;
/** As many are told when a beginning fits several. */
const TOLD_MAX = 10;
/**
 * 22 characters are an MD5 without its padding, and just as well the beginning of a longer hash. (43 are taken for a whole
 * SHA-256: so much of a SHA-512 nobody types.)
 */
const UNPADDED_MD5 = 22;
const BEGINNING = /^[A-Za-z0-9+/]{1,87}={0,2}$/;

/** A hash in full, or a beginning of one that has to be looked for. @throws `hash.invalid` for what is neither */
export function hashOrBeginning(text: string): { readonly hash: ContentHash } | { readonly beginning: string } {
  try {
    if (text.length !== UNPADDED_MD5) return { hash: parseContentHash(text) };
  } catch (error) {
    if (!isP8eError(error) || !BEGINNING.test(text)) throw error;
  }
  if (text.length >= LEAST) return { beginning: text };
  throw new P8eError("hash.invalid", `of a hash at least its first ${LEAST} characters are needed`, {
    facts: { given: text },
  });
}

/**
 * The one hash of those found that begins so.
 * @throws `hash.ambiguous`, `object.not_found`
 */
export function onlyHash(beginning: string, found: Iterable<string>, hint?: string): ContentHash {
  const hashes = [...new Set(found)].toSorted();
  if (hashes.length === 1) return parseContentHash(hashes[0]!);
  if (hashes.length === 0) {
    throw new P8eError("object.not_found", "no object is known here whose hash begins so", {
      facts: { beginning },
      hint,
    });
  }
  throw new P8eError("hash.ambiguous", "several objects have hashes that begin so", {
    facts: { beginning, hashes: hashes.slice(0, TOLD_MAX), more: hashes.length > TOLD_MAX },
    hint: "Give more of the one that is meant.",
  });
}

/** In a store that is looked into. @throws `hash.invalid`, `hash.ambiguous`, `object.not_found` */
export async function hashInStore(reader: StoreReader, text: string): Promise<ContentHash> {
  const named = hashOrBeginning(text);
  if ("hash" in named) return named.hash;
  const { hashesBeginning } = await import("@p8e/object-store/inspection");
  return onlyHash(named.beginning, await hashesBeginning(reader, named.beginning, { limit: TOLD_MAX + 1 }));
}

/**
 * The hash that a party means: in full, `@last`, or the beginning of one of what was stored from here (in an environment, by
 * any of its parties) or its own store holds for it. A store that is known by its URL alone cannot be looked through.
 * @throws `hash.invalid`, `hash.ambiguous`, `object.not_found`; `input.invalid` when nothing is the last
 */
export async function hashNamed(context: CommandContext, text: string, located: LocatedProfile): Promise<ContentHash> {
  const named = hashOrBeginning(await lastNamedOr(context, text, "hash"));
  if ("hash" in named) return named.hash;
  const { beginning } = named;
  const [{ lastNamed, ownStoreAccess }, { storeOfParty }] = await Promise.all([
    import("@p8e/party/profile"),
    import("./store-of.ts"),
  ]);
  const known = (await lastNamed(located))?.hashes.filter((hash) => hash.startsWith(beginning)) ?? [];
  if ((await ownStoreAccess(located, context.variables)) === undefined) {
    const { storeUrl } = located.profile.party;
    return onlyHash(
      beginning,
      known,
      `The store at ${storeUrl} is known by its URL alone, so only what was stored from here is found by a beginning: give the whole hash.`,
    );
  }
  const [{ hashesBeginning, openStoreReader }, { configuration, sayWhose }] = await Promise.all([
    import("@p8e/object-store/inspection"),
    storeOfParty(context, located),
  ]);
  await using reader = await openStoreReader(configuration.database).catch(sayWhose);
  const key = located.profile.party.encryptionKey;
  return onlyHash(beginning, [...known, ...(await hashesBeginning(reader, beginning, { key, limit: TOLD_MAX + 1 }))]);
}
