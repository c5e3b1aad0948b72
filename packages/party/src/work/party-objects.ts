import type { ContentHash } from "@p8e/core";
import { type KeyReference, type PublicKey, publicKeyFromBase64 } from "@p8e/crypto";
import type { OpenPartyKeys } from "@p8e/keys";
import type {
  CallOptions,
  ObjectClient,
  ObjectSource,
  PutOptions,
  PutReceipt,
  ReceivedObject,
  ReshareReceipt,
} from "@p8e/object-client";
import { requireParty, requireReader } from "../known-parties.ts";
import type { Profile } from "../profile/profile.ts";

/** How an object is stored. */
export interface PartyPutOptions extends CallOptions, Pick<PutOptions, "file"> {
  /** Who can read it beside the party itself: names or addresses of the profile, or encryption keys. */
  readonly for?: readonly string[];
}

/** How an object is read. */
export interface PartyGetOptions extends CallOptions {
  /** Whose signature counts, by name or address; any valid one where nobody is named. */
  readonly from?: readonly string[];
}

/** The objects in a party's own store, with readers and signers called as its profile calls them. */
export class PartyObjects {
  readonly #profile: Profile;
  readonly #opened: () => Promise<{ readonly keys: OpenPartyKeys; readonly store: ObjectClient }>;

  /** @param opened makes the store and the keys, when they are first needed */
  constructor(profile: Profile, opened: () => Promise<{ readonly keys: OpenPartyKeys; readonly store: ObjectClient }>) {
    this.#profile = profile;
    this.#opened = opened;
  }

  /**
   * Encrypts content, signs it and stores it; returns when the store has it durably. From there it goes to the readers'
   * stores.
   * @throws `key.unavailable` for a reader that is not known; as `ObjectClient.put`
   */
  async put(source: ObjectSource, options: PartyPutOptions = {}): Promise<PutReceipt> {
    const { for: readers = [], ...call } = options;
    const audience = this.#keysOf(readers);
    const { keys, store } = await this.#opened();
    return await store.put(source, { ...call, owner: keys.encryption.publicKey, signer: keys.signing, audience });
  }

  /**
   * An object of any size, checked from end to end, whose content is read as it is decrypted. Dispose of it when done.
   * @throws as `ObjectClient.get`
   */
  async open(hash: ContentHash, options: PartyGetOptions = {}): Promise<ReceivedObject> {
    const { store, ...get } = await this.#reading(options);
    return await store.get(hash, get);
  }

  /**
   * The whole content of a small object.
   * @param options `limit` in bytes, 64 MiB unless given
   * @throws as {@link open}; `object.too_large` above the limit
   */
  async bytes(hash: ContentHash, options: PartyGetOptions & { readonly limit?: number } = {}): Promise<Uint8Array> {
    const { limit, ...rest } = options;
    const { store, ...get } = await this.#reading(rest);
    return await store.getBytes(hash, { ...get, ...(limit === undefined ? {} : { limit }) });
  }

  /**
   * Makes an object readable for more parties, without encrypting it again; nobody's access can be taken back.
   * @throws `key.unavailable`; as `ObjectClient.reshare`
   */
  async share(hash: ContentHash, options: CallOptions & { readonly for: readonly string[] }): Promise<ReshareReceipt> {
    const { for: readers, ...call } = options;
    const audience = this.#keysOf(readers);
    const { keys, store } = await this.#opened();
    return await store.reshare(hash, { ...call, key: keys.encryption, audience });
  }

  async #reading({ from, ...call }: PartyGetOptions) {
    const expectedSigners = from?.map((name) => publicKeyFromBase64(requireParty(this.#profile, name).signingKey));
    const { keys, store } = await this.#opened();
    const key: KeyReference = keys.encryption;
    return { ...call, store, key, expectedSigners };
  }

  #keysOf(readers: readonly string[]): readonly PublicKey[] {
    return readers.map((name) => requireReader(this.#profile, name).key);
  }
}
