import { createHash, type Hash } from "node:crypto";
import {
  type Clock,
  type ContentHash,
  concatBytes,
  digestToContentHash,
  type HashForm,
  P8eError,
  type RandomBytes,
  randomUuid,
  SHA256_FORM,
  systemClock,
  type Uuid,
} from "@p8e/core";
import type { MailType } from "@p8e/envelope";
import { DATA_KEY_LENGTH } from "./audience-entry.ts";
import { pieces } from "./byte-source.ts";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import {
  encodeEnvelope,
  encodeUploadHeader,
  extraReaders,
  type SealingMeans,
  sealAudience,
  uploadMetadata,
} from "./envelope-header.ts";
import { type FileDescription, sealFileEntry } from "./file-entry.ts";
import { FRAME_OVERHEAD, FrameSealer, frameKey, IV_LENGTH, refuseInMemory, refuseOverLimit } from "./frame.ts";
import type { KeyReference } from "./key-reference.ts";
import type { PublicKey } from "./public-key.ts";
import { heapMemory, type SecretMemory, SecretScope, systemRandom } from "./secret-memory.ts";
import { signDigest } from "./signature.ts";

/** What is sealed, by whom and for whom. */
export interface SealOptions<Source> {
  /** The plaintext; a stream is read once. */
  readonly source: Source;
  /** The length of the plaintext, if known: a stream of any other length is refused. */
  readonly sizeBytes?: number | undefined;
  /** Who answers for the object at the store; can always read it. */
  readonly owner: PublicKey;
  /** Who else can read it; the owner and repetitions are left out. */
  readonly audience: readonly PublicKey[];
  readonly signer: KeyReference;
  /** What the object is known by; SHA-256 in full unless told otherwise. */
  readonly hashForm?: HashForm | undefined;
  /** Readable and changeable by every store on the way. */
  readonly metadata?: Iterable<readonly [string, string]> | undefined;
  /**
   * What the file was called, for the object's readers alone. It is bound to the hash, which has to be known before; a
   * source with another is refused.
   */
  readonly file?: (FileDescription & { readonly hash: ContentHash }) | undefined;
  readonly mailType?: MailType | undefined;
  readonly objectUuid?: Uuid | undefined;
  readonly random?: RandomBytes | undefined;
  /** When the envelope says it was made. */
  readonly clock?: Pick<Clock, "now"> | undefined;
  readonly backend?: CurveBackend | undefined;
  readonly memory?: SecretMemory | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is known once the last byte of plaintext has been read: the three properties of an upload. */
export interface Seal {
  readonly hash: ContentHash;
  /** DER, over SHA-512 of the plaintext whatever the form of the hash: readers know no other. */
  readonly signature: Uint8Array;
  readonly signer: PublicKey;
  readonly plaintextBytes: number;
}

/** A container whose payload is sealed while it is read. */
export interface SealedObject {
  /** The container up to its payload, with an empty signature section: the store fills it. */
  readonly header: Uint8Array;
  readonly objectUuid: Uuid;
  /** Read once; chunks are as large as the source's, up to 1 MiB. */
  readonly payload: AsyncIterable<Uint8Array>;
  /** Known with `sizeBytes`. */
  readonly payloadBytes: number | undefined;
  /** Settles before the payload's last chunk is handed out; rejects when the payload fails or is abandoned. */
  readonly sealed: Promise<Seal>;
}

/** A container in memory. */
export interface SealedBytes {
  readonly header: Uint8Array;
  readonly objectUuid: Uuid;
  readonly payload: Uint8Array;
  readonly seal: Seal;
}

/**
 * Seals a stream in constant memory. The header is complete at once; the data key is gone from memory before the first
 * byte is read.
 *
 *     const { header, payload, sealed } = sealObject({ source, owner, audience, signer });
 *
 * Errors come out of `payload` (and `sealed`): `input.invalid` for a length other than promised, `object.too_large`
 * near 64 GiB (at once when `sizeBytes` says so), `signature.invalid` from a faulty signer, `rpc.cancelled`, and the
 * source's own.
 */
export function sealObject(options: SealOptions<AsyncIterable<Uint8Array> | Uint8Array>): SealedObject {
  const { source, sizeBytes = source instanceof Uint8Array ? source.length : undefined } = options;
  if (sizeBytes !== undefined) refuseOverLimit(sizeBytes);
  const { header, objectUuid, sealer } = prepare(options);
  const { promise, resolve, reject } = Promise.withResolvers<Seal>();
  promise.catch(() => undefined); // whoever reads only the payload gets the failure from there
  return {
    header,
    objectUuid,
    payload: sealPayload(options, sizeBytes, sealer, { resolve, reject }),
    payloadBytes: sizeBytes === undefined ? undefined : sizeBytes + FRAME_OVERHEAD,
    sealed: promise,
  };
}

/** Seals what is in memory already, in one go. @throws as sealObject, `object.too_large` above 1 GiB */
export async function sealBytes(options: SealOptions<Uint8Array>): Promise<SealedBytes> {
  const { source } = options;
  refuseLength(options.sizeBytes, source.length);
  refuseInMemory(source);
  const { header, objectUuid, sealer } = prepare(options);
  const digests = new SealDigests(options.hashForm ?? SHA256_FORM);
  digests.update(source);
  const payload = concatBytes(sealer.start(), sealer.update(source), sealer.end());
  return { header, objectUuid, payload, seal: await makeSeal(options, digests, source.length) };
}

function prepare(options: SealOptions<unknown>): {
  readonly header: Uint8Array;
  readonly objectUuid: Uuid;
  readonly sealer: FrameSealer;
} {
  const { random = systemRandom, clock = systemClock, owner, signer } = options;
  const { backend = defaultBackend(), memory = heapMemory } = options;
  const means: SealingMeans = { random, clock, backend, memory };
  using secrets = new SecretScope(memory);
  const dataKey = secrets.adopt(random(DATA_KEY_LENGTH));
  const sealer = new FrameSealer(frameKey(dataKey), random(IV_LENGTH));
  const { file: named, mailType } = options;
  const file = named === undefined ? undefined : sealFileEntry(named, { dataKey, hash: named.hash, random, memory });
  const metadata = uploadMetadata(options.metadata ?? [], { file, mailType, signer: signer.publicKey });
  const objectUuid = options.objectUuid ?? randomUuid(random);
  const uuid = randomUuid(random);
  const entries = sealAudience(dataKey, owner, extraReaders(owner, options.audience), means);
  const envelope = encodeEnvelope(uuid, entries.owner, entries.readers, clock);
  return { header: encodeUploadHeader({ objectUuid, metadata, envelope }), objectUuid, sealer };
}

async function* sealPayload(
  options: SealOptions<AsyncIterable<Uint8Array> | Uint8Array>,
  sizeBytes: number | undefined,
  sealer: FrameSealer,
  outcome: { readonly resolve: (seal: Seal) => void; readonly reject: (reason: unknown) => void },
): AsyncGenerator<Uint8Array, void, undefined> {
  const digests = new SealDigests(options.hashForm ?? SHA256_FORM);
  let plaintextBytes = 0;
  try {
    yield sealer.start();
    for await (const piece of pieces(options.source, options.signal)) {
      plaintextBytes += piece.length;
      if (sizeBytes !== undefined && plaintextBytes > sizeBytes) refuseLength(sizeBytes, plaintextBytes);
      digests.update(piece);
      yield sealer.update(piece);
    }
    refuseLength(sizeBytes, plaintextBytes);
    outcome.resolve(await makeSeal(options, digests, plaintextBytes));
    yield sealer.end();
  } catch (error) {
    outcome.reject(error);
    throw error;
  } finally {
    // Does nothing when the outcome is known: then this is not an abandoned stream.
    outcome.reject(new P8eError("rpc.cancelled", "the sealed payload was not read to its end"));
  }
}

function refuseLength(promised: number | undefined, found: number): void {
  if (promised !== undefined && promised !== found) {
    throw new P8eError("input.invalid", "the plaintext does not have the length that was promised", {
      facts: { promised, found },
    });
  }
}

async function makeSeal(options: SealOptions<unknown>, digests: SealDigests, plaintextBytes: number): Promise<Seal> {
  const { signer, backend = defaultBackend() } = options;
  const { hash, signedDigest } = digests.finish();
  if (options.file !== undefined && options.file.hash !== hash) {
    throw new P8eError(
      "input.invalid",
      "the content is not what it was when its hash was taken: it changed meanwhile",
      {
        facts: { before: options.file.hash, found: hash },
      },
    );
  }
  const signature = await signDigest(signer, "sha512", signedDigest, backend);
  return { hash, signature, signer: signer.publicKey, plaintextBytes };
}

/** The content hash and the signed digest, which is always SHA-512; one pass serves both when they agree. */
class SealDigests {
  readonly #form: HashForm;
  readonly #signed = createHash("sha512");
  readonly #content: Hash | undefined;

  constructor(form: HashForm) {
    this.#form = form;
    this.#content = form.algorithm === "sha512" ? undefined : createHash(form.algorithm);
  }

  update(plaintext: Uint8Array): void {
    this.#signed.update(plaintext);
    this.#content?.update(plaintext);
  }

  finish(): { readonly hash: ContentHash; readonly signedDigest: Uint8Array } {
    const signedDigest = new Uint8Array(this.#signed.digest());
    return { signedDigest, hash: digestToContentHash(this.#content?.digest() ?? signedDigest, this.#form) };
  }
}
