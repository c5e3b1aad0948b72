import { tmpdir } from "node:os";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type ContentHash, contentHashToBytes, hasCode, P8eError, retry, type Uuid } from "@p8e/core";
import {
  hashSource,
  type KeyReference,
  type OpenedReport,
  openContainer,
  type PublicKey,
  reshareHeader,
  type Seal,
  sealObject,
  systemRandom,
  verifyContainer,
} from "@p8e/crypto";
import {
  audienceKeyTexts,
  type ContainerHeader,
  ContainerHeaderParser,
  DEFAULT_ENVELOPE_LIMITS,
  decodeEnvelope,
  ownerKeyText,
  parseContainer,
} from "@p8e/envelope";
import * as objectStore from "@p8e/proto/object-store";
import { connectRpc, type RpcClient } from "@p8e/rpc";
import type {
  CallOptions,
  GetOptions,
  GetToFileOptions,
  ObjectClientOptions,
  PutOptions,
  PutReceipt,
  ReceivedObject,
  ReshareReceipt,
} from "./calls.ts";
import { collect, containerBytes, notFoundFacts, receiveContainer } from "./download.ts";
import { acknowledgeMail, fetchMail, type Mail, type MailSelection } from "./mailbox.ts";
import type { ObjectSource } from "./source.ts";
import { Spool } from "./spool.ts";
import { StallWatch } from "./stall-watch.ts";
import { acknowledgement, uploadMessages } from "./upload.ts";
import { type MailWake, type WatchMailOptions, watchMail } from "./watch-mail.ts";
import { requireWritable, writeWhole } from "./whole-file.ts";

const UNARY_TIMEOUT_MS = 30_000;
const STALLED_MS = 120_000;
const PATIENCE_MS = 15_000;
const BYTES_LIMIT = 64 * 1024 * 1024;
const SIZE_MAX = 64 * 1024 ** 3;
/** IV and tag around a plaintext, at most. */
const PAYLOAD_OVERHEAD = 64;

/**
 * A client of one object store: ours or the original. Content is sealed before it leaves and checked before it is
 * handed out; the store sees ciphertext only.
 */
export class ObjectClient implements AsyncDisposable {
  readonly url: string;
  readonly #options: ObjectClientOptions;
  readonly #rpc: RpcClient;

  constructor(options: ObjectClientOptions) {
    this.url = options.url;
    this.#options = options;
    this.#rpc = connectRpc({ url: options.url, metadata: options.headers, tls: options.tls });
  }

  /**
   * Seals and stores an object; returns when the store has it durably. A second put of the same content for the same
   * audience is answered from the first.
   *
   * @throws `object.hash_mismatch` when the store acknowledges another hash; what sealing, the source and the store throw
   */
  async put(source: ObjectSource, options: PutOptions): Promise<PutReceipt> {
    const total = source instanceof Uint8Array ? source.length : source.sizeBytes;
    const opened = () => (source instanceof Uint8Array ? source : source.open());
    const { hashForm, signal } = options;
    const file =
      options.file === undefined
        ? undefined
        : { ...options.file, hash: options.file.hash ?? (await hashSource(opened(), { hashForm, signal })) };
    return this.#patiently(options, async () => {
      const { header, payload, sealed } = sealObject({
        source: opened(),
        file,
        sizeBytes: total,
        owner: options.owner,
        audience: options.audience ?? [],
        signer: options.signer,
        hashForm,
        mailType: options.mailType,
        random: this.#options.random,
        clock: this.#options.clock,
        signal,
      });
      return this.#upload({ header, payload, sealed, plaintextBytes: total }, options);
    });
  }

  /**
   * Fetches an object, checks it completely, then hands it out.
   *
   * @throws `object.not_found`, `envelope.no_recipient`, `envelope.wrong_key`, `envelope.tampered`, `signature.invalid`,
   *   `signature.missing`, `signature.unexpected_signer`, `object.hash_mismatch`, `object.corrupt`, `rpc.…`
   */
  async get(hash: ContentHash, options: GetOptions): Promise<ReceivedObject> {
    return this.#get(hash, options, this.#options.sizeMax ?? SIZE_MAX);
  }

  async #get(hash: ContentHash, options: GetOptions, sizeMax: number): Promise<ReceivedObject> {
    const { header, spool } = await this.#download(hash, options.key.publicKey, options, sizeMax);
    try {
      const verified = await verifyContainer({
        header,
        payload: () => spool.read(),
        key: options.key,
        expectedHash: hash,
        expectedSigners: options.expectedSigners,
        signal: options.signal,
      });
      const envelope = decodeEnvelope(header.sections.envelope);
      const { objectUuid, metadata, mailType, file, signer, signerExpected, signature, plaintextBytes } = verified;
      return {
        ...(file === undefined ? {} : { file }),
        ...{ objectUuid, metadata, mailType, signer, signerExpected, signature, plaintextBytes, hash },
        audience: audienceKeyTexts(envelope),
        owner: ownerKeyText(envelope),
        read: (signal) => verified.read(signal),
        bytes: (limit = BYTES_LIMIT) => collect(verified.read(), plaintextBytes, limit),
        async [Symbol.asyncDispose]() {
          verified[Symbol.dispose]();
          await spool[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      await spool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Content of a small object. @throws as {@link get}, and `object.too_large` above `limit` */
  async getBytes(hash: ContentHash, options: GetOptions & { readonly limit?: number }): Promise<Uint8Array> {
    const { limit = BYTES_LIMIT } = options;
    const sizeMax = Math.min(limit + PAYLOAD_OVERHEAD, this.#options.sizeMax ?? SIZE_MAX);
    await using object = await this.#get(hash, options, sizeMax);
    return await object.bytes(limit);
  }

  /**
   * Writes the content to a file that appears whole or not at all, readable by its owner only.
   * @param path or what chooses it by what is known of the object then
   * @throws as {@link get}, and `input.invalid` when the file cannot be written
   */
  async getToFile(
    hash: ContentHash,
    path: string | ((report: OpenedReport) => string),
    options: GetToFileOptions,
  ): Promise<OpenedReport> {
    const { replace = true, signal } = options;
    if (typeof path === "string") await requireWritable(path, replace);
    await using object = await this.get(hash, options);
    const chosen = typeof path === "string" ? path : path(object);
    await requireWritable(chosen, replace);
    await writeWhole(chosen, object.read(signal), { replace });
    return object;
  }

  /**
   * Makes an object of this store readable for more keys without encrypting it again: hash, signature and ciphertext
   * stay, and its data key is wrapped for each key that cannot open it yet. What is stored for them names only them and
   * the caller, who becomes its owner: the stores of those who had the object are not sent it again. Where all can open it
   * already, nothing is uploaded.
   * @throws as {@link get}, and `object.refused` for mail
   */
  async reshare(
    hash: ContentHash,
    options: GetOptions & { readonly audience: readonly PublicKey[] },
  ): Promise<ReshareReceipt> {
    const { key } = options;
    await using object = await this.#verified(hash, key.publicKey, options);
    const opening = await this.#openers(object, options);
    const added = options.audience.filter(({ base64 }) => !opening.has(base64));
    if (added.length === 0) return { hash, added, stored: undefined };
    const { header } = await reshareHeader({ header: object.header, key, audience: added, keepReaders: false });
    const { signature, signer, plaintextBytes } = object;
    const stored = await this.#patiently(options, () =>
      this.#upload(
        {
          header,
          payload: object.payload(),
          sealed: Promise.resolve({ hash, signature, signer, plaintextBytes }),
          plaintextBytes,
        },
        options,
      ),
    );
    return { hash, added, stored };
  }

  /**
   * Whom this store shows an object to: the key texts in the headers of what it has for the caller and for the keys of
   * `audience`. A store that asks for proof shows only what is the caller's.
   * @throws as {@link get}
   */
  async readers(
    hash: ContentHash,
    options: GetOptions & { readonly audience: readonly PublicKey[] },
  ): Promise<ReadonlySet<string>> {
    await using object = await this.#verified(hash, options.key.publicKey, options);
    return await this.#openers(object, options);
  }

  /**
   * Whether this store has an object that names all of these readers, by its header alone: nothing of it is checked, and
   * what follows is not fetched. A store that asks for proof shows only what is the caller's.
   * @throws `rpc.…`
   */
  async holds(hash: ContentHash, readers: readonly PublicKey[], options: CallOptions = {}): Promise<boolean> {
    for (const reader of readers) {
      const names = await this.#patiently(options, () => this.#namesIn(hash, reader, options));
      if (readers.every(({ base64 }) => names.has(base64))) return true;
    }
    return false;
  }

  async #namesIn(hash: ContentHash, reader: PublicKey, options: CallOptions): Promise<ReadonlySet<string>> {
    const parser = new ContainerHeaderParser();
    const messages = this.#rpc.serverStream(
      objectStore.ObjectService.method.get,
      { hash: contentHashToBytes(hash), publicKey: reader.uncompressed },
      unaryOptions(options),
    );
    try {
      for await (const chunk of containerBytes(messages)) {
        const parsed = parser.feed(chunk);
        if (parsed !== undefined) return new Set(audienceKeyTexts(decodeEnvelope(parsed.header.sections.envelope)));
      }
    } catch (error) {
      if (!hasCode(notFoundFacts(error, hash), "object.not_found", "rpc.denied")) throw error;
    }
    return new Set();
  }

  /** Objects shared one by one are found one by one. */
  async #openers(
    { hash, audience }: Pick<VerifiedContainer, "hash" | "audience">,
    options: GetOptions & { readonly audience: readonly PublicKey[] },
  ): Promise<ReadonlySet<string>> {
    const opening = new Set([options.key.publicKey.base64, ...audience]);
    for (const reader of options.audience) {
      if (opening.has(reader.base64)) continue;
      for (const name of await this.#audienceWith(hash, reader, options)) opening.add(name);
    }
    return opening;
  }

  /**
   * The readers of an object that this store has for `reader`, if it opens for the caller too and is what it should be.
   * A name in a header is no proof that its entry can be opened; the content, though, is the one that was asked for.
   */
  async #audienceWith(hash: ContentHash, reader: PublicKey, options: GetOptions): Promise<readonly string[]> {
    try {
      await using object = await this.#verified(hash, reader, options);
      return object.audience;
    } catch (error) {
      // A store that asks for proof does not show what is another's: then the object is stored for it, at worst for nothing.
      const { code, status } = P8eError.from(error);
      if (status.retry || code === "rpc.cancelled") throw error;
      return [];
    }
  }

  /** The object that the store has for `reader`, opened with the caller's key. */
  async #verified(hash: ContentHash, reader: PublicKey, options: GetOptions): Promise<VerifiedContainer> {
    const { header, spool } = await this.#download(hash, reader, options, this.#options.sizeMax ?? SIZE_MAX);
    try {
      const { key, expectedSigners, signal } = options;
      const payload = () => spool.read();
      const verified = await verifyContainer({ header, payload, key, expectedHash: hash, expectedSigners, signal });
      const { signature, signer, plaintextBytes } = verified;
      verified[Symbol.dispose]();
      const audience = audienceKeyTexts(decodeEnvelope(header.sections.envelope));
      return {
        ...{ hash, header, payload, audience, signature, signer, plaintextBytes },
        [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
      };
    } catch (error) {
      await spool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Tells the store where a key lives: with a URL its objects go to the store there, without one it is this store's own.
   */
  async registerKey(key: PublicKey, options: CallOptions & { readonly url?: string } = {}): Promise<void> {
    await this.#patiently(options, () =>
      this.#rpc.unary(
        objectStore.PublicKeyService.method.add,
        { publicKey: { key: { case: "secp256k1", value: key.uncompressed } }, url: options.url ?? "" },
        unaryOptions(options),
      ),
    );
  }

  /** Mail waiting for a key, at most `limit` and without `skip`; it stays until it is acknowledged. */
  async mail(key: KeyReference, options: CallOptions & Partial<MailSelection> = {}): Promise<readonly Mail[]> {
    const selection = { limit: options.limit ?? 100, skip: options.skip, ...unaryOptions(options) };
    return this.#patiently(options, async () => {
      try {
        return await fetchMail(this.#rpc, key, selection);
      } catch (error) {
        if (!hasCode(error, "input.too_large")) throw error;
        // The original store takes longer mail than an ordinary connection: one such letter must not hide the others.
        const { url, headers, tls } = this.#options;
        await using rpc = connectRpc({ url, metadata: headers, tls, limits: { messageBytes: BYTES_LIMIT } });
        return await fetchMail(rpc, key, selection);
      }
    });
  }

  /**
   * Yields at once and then whenever it is worth asking for the key's mail again, until the signal fires. Where the store
   * cannot say that something came, it is looked for every 0.2 to 5 seconds.
   * @throws `rpc.denied`, `rpc.tls`
   */
  watchMail(key: PublicKey, options: Pick<WatchMailOptions, "signal" | "pace"> = {}): AsyncIterable<MailWake> {
    const { clock, random } = this.#options;
    return watchMail(this.#rpc, key, { ...options, clock, random });
  }

  /** The store lets go of a letter: it is not handed out any more. */
  async acknowledge(mail: Uuid, key: PublicKey, options: CallOptions = {}): Promise<void> {
    await this.#patiently(options, () => acknowledgeMail(this.#rpc, mail, key, unaryOptions(options)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rpc[Symbol.asyncDispose]();
  }

  async #upload(
    upload: {
      readonly header: Uint8Array;
      readonly payload: AsyncIterable<Uint8Array>;
      readonly sealed: Promise<Seal>;
      readonly plaintextBytes: number;
    },
    options: CallOptions,
  ): Promise<PutReceipt> {
    let done = 0;
    const onData = (bytes: number) => {
      done += bytes;
      options.onProgress?.({ done: Math.min(done, upload.plaintextBytes), total: upload.plaintextBytes });
    };
    using watch = new StallWatch(this.#options.stalledMs ?? STALLED_MS, options.signal);
    let sent = false;
    const answer = await this.#rpc.clientStream(
      objectStore.ObjectService.method.put,
      watch.sending(uploadMessages({ ...upload, onData, onSent: () => (sent = true) })),
      { timeoutMs: options.timeoutMs, signal: watch.signal },
    );
    if (!sent) throw new P8eError("rpc.protocol", "the store answered before the object was sent");
    const { hash, plaintextBytes } = await upload.sealed;
    const { acknowledged, objectUuid } = acknowledgement(answer);
    if (acknowledged !== hash) {
      throw new P8eError("object.hash_mismatch", "the store acknowledged another object than the one sent", {
        facts: { sent: hash, acknowledged },
      });
    }
    return {
      hash,
      objectUuid,
      plaintextBytes,
      storedBytes: Number(answer.metadata?.length ?? 0n),
      storedAt: answer.created === undefined ? undefined : timestampDate(answer.created),
      name: answer.name,
    };
  }

  async #download(
    hash: ContentHash,
    reader: PublicKey,
    options: CallOptions,
    sizeMax: number,
  ): Promise<{ header: ContainerHeader; spool: Spool }> {
    return this.#patiently(options, async () => {
      const spool = new Spool(this.#options.spoolFolder ?? tmpdir());
      using watch = new StallWatch(this.#options.stalledMs ?? STALLED_MS, options.signal);
      let done = 0;
      try {
        const messages = this.#rpc.serverStream(
          objectStore.ObjectService.method.get,
          { hash: contentHashToBytes(hash), publicKey: reader.uncompressed },
          { timeoutMs: options.timeoutMs, signal: watch.signal },
        );
        const header = await receiveContainer(watch.receiving(containerBytes(messages)), spool, {
          limits: DEFAULT_ENVELOPE_LIMITS,
          sizeMax,
          onData: (bytes) => {
            done += bytes;
            options.onProgress?.({ done });
          },
        });
        return { header, spool };
      } catch (error) {
        await spool[Symbol.asyncDispose]();
        throw notFoundFacts(error, hash);
      }
    });
  }

  /**
   * Only what says "nobody is there just now", as of a store that restarts, is tried again; everything else is an answer.
   * A call that had taken long before the store went away is not lost for that.
   */
  #patiently<T>({ signal }: CallOptions, attempt: () => Promise<T>): Promise<T> {
    const { patienceMs = PATIENCE_MS, random = systemRandom, clock } = this.#options;
    return retry(attempt, {
      forMs: patienceMs,
      firstMs: 50,
      mostMs: 1000,
      when: (error) => hasCode(error, "rpc.unavailable", "store.unavailable"),
      ...{ random, clock, signal },
    });
  }
}

/** A container in the spool that was checked from end to end. */
interface VerifiedContainer
  extends Pick<ReceivedObject, "hash" | "audience" | "signature" | "signer" | "plaintextBytes"> {
  readonly header: ContainerHeader;
  payload(): AsyncIterable<Uint8Array>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens mail as its reader: the checks are those of any object, but for the hash, by which mail is not asked for.
 * @throws as {@link ObjectClient.get}, and `envelope.malformed`
 */
export async function openMail(
  mail: Mail,
  key: KeyReference,
): Promise<OpenedReport & { readonly plaintext: Uint8Array }> {
  return openContainer({ ...parseContainer(mail.container), key });
}

function unaryOptions({ signal, timeoutMs = UNARY_TIMEOUT_MS }: CallOptions) {
  return { signal, timeoutMs };
}
