import { createHash, type Hash } from "node:crypto";
import { type ContentHash, ContentHashCheck, P8eError, type Uuid, utf8Decode } from "@p8e/core";
import {
  type ContainerHeader,
  type ContainerMetadata,
  DEFAULT_ENVELOPE_LIMITS,
  decodeEnvelope,
  decodeMetadata,
  decodeSignatures,
  type EnvelopeLimits,
  type MailType,
  mailTypeOf,
} from "@p8e/envelope";
import { findAudienceEntry, openAudienceEntry } from "./audience-entry.ts";
import { pieces } from "./byte-source.ts";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import { type FileDescription, fileEntryOf, openFileEntry } from "./file-entry.ts";
import { type FrameKey, FrameOpener, frameKey, refuseInMemory } from "./frame.ts";
import type { KeyReference } from "./key-reference.ts";
import { type PublicKey, publicKeyFromPem } from "./public-key.ts";
import { heapMemory, type SecretMemory, SecretScope } from "./secret-memory.ts";
import { verifyDigest } from "./signature.ts";

/** A container, the key of one of its readers, and what is expected of it. */
export interface OpenOptions<Payload> {
  readonly header: ContainerHeader;
  readonly payload: Payload;
  readonly key: KeyReference;
  /** The hash the object was asked for by. Without it nothing ties the plaintext to a name. */
  readonly expectedHash?: ContentHash | undefined;
  /** Whose signature is accepted. Without it any valid one is: then `signer` says only who claims to have signed. */
  readonly expectedSigners?: readonly PublicKey[] | undefined;
  readonly limits?: EnvelopeLimits | undefined;
  readonly backend?: CurveBackend | undefined;
  readonly memory?: SecretMemory | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What opening has found out. Uuid and metadata are proved by nothing: the store could have changed them. */
export interface OpenedReport {
  readonly objectUuid: Uuid;
  readonly metadata: ContainerMetadata;
  readonly mailType: MailType | undefined;
  /** What the file was called, as somebody who could read the object said; undefined where nobody did, or the store changed it. */
  readonly file?: FileDescription | undefined;
  /** Whose signature over the plaintext was verified. */
  readonly signer: PublicKey;
  /** Whether `signer` is among `expectedSigners`. False when none were given: callers should then warn. */
  readonly signerExpected: boolean;
  readonly signature: Uint8Array;
  readonly plaintextBytes: number;
}

/** What opening has found out, and the content. */
export interface OpenedContainer extends OpenedReport {
  /** In a buffer of its own; the caller may wipe it. */
  readonly plaintext: Uint8Array;
}

/** A payload that has been checked from end to end once, and can be read any number of times. */
export interface VerifiedContainer extends OpenedReport, Disposable {
  /**
   * Decrypts on the way out. The tag is checked again at the end: should the source have changed since it was verified,
   * reading ends with `envelope.tampered`.
   */
  read(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Opens a container that is in memory: nothing of the plaintext is handed out until tag, signature and hash have been
 * checked; on failure what was decrypted is wiped. The checks come in the reference's order.
 *
 * @throws `envelope.no_recipient` (the key is not in the audience), `envelope.wrong_key`, `envelope.tampered`,
 * `signature.missing`, `signature.unexpected_signer`, `signature.invalid`, `object.hash_mismatch`,
 * `envelope.malformed`, `envelope.too_large`, `object.too_large` above 1 GiB, and what the key reference throws
 */
export async function openContainer(options: OpenOptions<Uint8Array>): Promise<OpenedContainer> {
  refuseInMemory(options.payload);
  const { frame, file } = await unlock(options);
  const opener = new FrameOpener(frame, 16);
  const plaintext = opener.update(options.payload);
  try {
    requireStart(opener);
    const judge = new PlaintextJudge(options);
    judge.update(plaintext);
    opener.end();
    return { ...judge.verdict(), ...file, plaintext };
  } catch (error) {
    plaintext.fill(0);
    throw error;
  }
}

/**
 * Opens a container of any size in constant memory. `payload` must give the same bytes each time it is called: the
 * first pass checks tag, signature and hash and lets go of the plaintext, `read` decrypts again and hands it out.
 * @throws as openContainer, and `rpc.cancelled`
 */
export async function verifyContainer(
  options: OpenOptions<() => AsyncIterable<Uint8Array>>,
): Promise<VerifiedContainer> {
  const { frame, file } = await unlock(options);
  const opener = new FrameOpener(frame, 16);
  let judge: PlaintextJudge | undefined;
  for await (const piece of pieces(options.payload(), options.signal)) {
    const plaintext = opener.update(piece);
    if (opener.started) judge ??= new PlaintextJudge(options);
    judge?.update(plaintext);
    plaintext.fill(0);
  }
  requireStart(opener);
  judge ??= new PlaintextJudge(options);
  opener.end();
  return readable({ ...judge.verdict(), ...file }, options.payload, frame);
}

function readable(report: OpenedReport, payload: () => AsyncIterable<Uint8Array>, frame: FrameKey): VerifiedContainer {
  let held: FrameKey | undefined = frame;
  return {
    ...report,
    async *read(signal) {
      if (held === undefined) throw new P8eError("key.unavailable", "this container has been disposed of");
      const opener = new FrameOpener(held, 16);
      for await (const piece of pieces(payload(), signal)) {
        const plaintext = opener.update(piece);
        if (plaintext.length > 0) yield plaintext;
      }
      opener.end();
    },
    [Symbol.dispose]() {
      held = undefined;
    },
  };
}

/** An opener that never got as far as an IV has seen a payload cut short; its `end` says so. */
function requireStart(opener: FrameOpener): void {
  if (!opener.started) opener.end();
}

/** From the audience to the payload's key. The data key itself is wiped: what stays is OpenSSL's copy. */
async function unlock(
  options: OpenOptions<unknown>,
): Promise<{ readonly frame: FrameKey; readonly file: Pick<OpenedReport, "file"> }> {
  const { header, key, expectedHash: hash, limits = DEFAULT_ENVELOPE_LIMITS } = options;
  const { backend = defaultBackend(), memory = heapMemory } = options;
  using secrets = new SecretScope(memory);
  const dataKey = await openDataKey(header, key, { limits, backend, memory }, secrets);
  const value = hash === undefined ? undefined : fileEntryOf(header);
  const file = value === undefined ? undefined : openFileEntry(value, { dataKey, hash: hash!, memory });
  return { frame: frameKey(dataKey), file: file === undefined ? {} : { file } };
}

/** @throws `envelope.no_recipient`, `envelope.wrong_key`, `envelope.tampered`, `envelope.malformed` */
export async function openDataKey(
  header: ContainerHeader,
  key: KeyReference,
  means: { readonly limits: EnvelopeLimits; readonly backend: CurveBackend; readonly memory: SecretMemory },
  secrets: SecretScope,
): Promise<Uint8Array> {
  const entry = findAudienceEntry(decodeEnvelope(header.sections.envelope, means.limits), key.publicKey);
  if (entry === undefined) {
    throw new P8eError("envelope.no_recipient", "this key is not in the object's audience", {
      facts: { publicKey: key.publicKey.base64, objectUuid: header.uuid },
    });
  }
  return await openAudienceEntry(entry, key, secrets, means);
}

/** Chooses the signature to believe, hashes the plaintext as it comes, and decides at its end. */
class PlaintextJudge {
  readonly #options: OpenOptions<unknown>;
  readonly #chosen: ChosenSignature;
  readonly #signed: Hash = createHash("sha512");
  readonly #content: ContentHashCheck | undefined;
  #plaintextBytes = 0;

  constructor(options: OpenOptions<unknown>) {
    this.#options = options;
    this.#chosen = chooseSignature(options.header, options.expectedSigners, options.backend ?? defaultBackend());
    this.#content = options.expectedHash === undefined ? undefined : new ContentHashCheck(options.expectedHash);
  }

  update(plaintext: Uint8Array): void {
    this.#plaintextBytes += plaintext.length;
    this.#signed.update(plaintext);
    this.#content?.update(plaintext);
  }

  /** After the tag has been checked. @throws `signature.invalid`, `object.hash_mismatch` */
  verdict(): OpenedReport {
    const { header, expectedHash, backend = defaultBackend() } = this.#options;
    const { signer, signature, signerExpected } = this.#chosen;
    if (!verifyDigest(signer, this.#signed.digest(), signature, backend)) {
      throw new P8eError("signature.invalid", "the object's signature does not cover its content", {
        facts: { objectUuid: header.uuid, signer: signer.base64 },
      });
    }
    if (this.#content !== undefined && !this.#content.matches()) {
      throw new P8eError("object.hash_mismatch", "the object's content is not what its hash names", {
        facts: { objectUuid: header.uuid, expected: expectedHash },
      });
    }
    const metadata = decodeMetadata(header.sections.metadata);
    const plaintextBytes = this.#plaintextBytes;
    const mailType = mailTypeOf(metadata);
    return { objectUuid: header.uuid, metadata, mailType, signer, signerExpected, signature, plaintextBytes };
  }
}

interface ChosenSignature {
  readonly signer: PublicKey;
  readonly signature: Uint8Array;
  readonly signerExpected: boolean;
}

/**
 * The first signature by an expected signer, keys compared as points; without expectations the first there is.
 * @throws `signature.missing`, `signature.unexpected_signer`, `signature.invalid` for a key that is none
 */
function chooseSignature(
  header: ContainerHeader,
  expected: readonly PublicKey[] | undefined,
  backend: CurveBackend,
): ChosenSignature {
  const entries = decodeSignatures(header.sections.signatures);
  if (entries.length === 0) {
    throw new P8eError("signature.missing", "the object carries no signature", { facts: { objectUuid: header.uuid } });
  }
  for (const entry of expected === undefined ? entries.slice(0, 1) : entries) {
    const signer = signerOf(entry.publicKey, header, backend);
    const signerExpected = expected?.some((key) => key.equals(signer)) ?? false;
    if (expected === undefined || signerExpected) return { signer, signature: entry.signature, signerExpected };
  }
  throw new P8eError("signature.unexpected_signer", "the object is signed by somebody else than expected", {
    facts: { objectUuid: header.uuid, expected: expected?.map((key) => key.base64) },
  });
}

function signerOf(pem: Uint8Array, header: ContainerHeader, backend: CurveBackend): PublicKey {
  try {
    return publicKeyFromPem(utf8Decode(pem, "signer"), backend);
  } catch (cause) {
    throw new P8eError("signature.invalid", "the object's signature does not name a signer's key", {
      cause,
      facts: { objectUuid: header.uuid },
    });
  }
}
