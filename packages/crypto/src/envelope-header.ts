import { create, toBinary } from "@bufbuild/protobuf";
import { type Clock, P8eError, type RandomBytes, type Uuid } from "@p8e/core";
import {
  type Audience,
  type ContainerMetadata,
  encodeContainerHeader,
  encodeMetadata,
  encodeSignatures,
  FILE_ENTRY,
  MAIL_TYPE,
  type MailType,
  SIGNATURE_PUBLIC_KEY,
} from "@p8e/envelope";
import * as envelope from "@p8e/proto/envelope";
import { type AudienceContext, sealAudienceEntry } from "./audience-entry.ts";
import type { CurveBackend } from "./curve-backend.ts";
import type { PublicKey } from "./public-key.ts";
import type { SecretMemory } from "./secret-memory.ts";

/** What sealing draws on; every part can be replaced by a seeded one. */
export interface SealingMeans {
  readonly random: RandomBytes;
  readonly clock: Pick<Clock, "now">;
  readonly backend: CurveBackend;
  readonly memory: SecretMemory;
}

/** Each key once, in order, without the owner: two entries for one key would cost work and help nobody. */
export function extraReaders(owner: PublicKey, audience: readonly PublicKey[]): readonly PublicKey[] {
  const byName = new Map(audience.map((key) => [key.base64, key]));
  byName.delete(owner.base64);
  return [...byName.values()];
}

/** The audience in its order: kept entries, one for each reader, the owner's last. */
export function sealAudience(
  dataKey: Uint8Array,
  owner: PublicKey,
  readers: readonly PublicKey[],
  means: SealingMeans,
): { readonly owner: Audience; readonly readers: readonly Audience[] } {
  const { random, backend, memory } = means;
  const sealFor = (key: PublicKey, context: AudienceContext): Audience =>
    sealAudienceEntry(key, dataKey, { random, backend, memory, context });
  return { readers: readers.map((key) => sealFor(key, "reader")), owner: sealFor(owner, "owner") };
}

/**
 * The protobuf section. The owner stands in it twice, byte-identical; the one payload is empty but must be there, since
 * older readers look for it.
 */
export function encodeEnvelope(
  uuid: Uuid,
  owner: Audience,
  readers: readonly Audience[],
  clock: Pick<Clock, "now">,
): Uint8Array {
  const now = { seconds: BigInt(Math.floor(clock.now() / 1000)), nanos: 0 };
  const message = create(envelope.DIMESchema, {
    uuid: { value: uuid },
    owner,
    audience: [...readers, owner],
    payload: [{}],
    auditFields: { createdDate: now, updatedDate: now, version: 1 },
  });
  return toBinary(envelope.DIMESchema, message);
}

/** A header as clients upload it: no signature yet, the signer's key in the metadata. */
export function encodeUploadHeader(parts: {
  readonly objectUuid: Uuid;
  readonly metadata: Iterable<readonly [string, string]>;
  readonly envelope: Uint8Array;
}): Uint8Array {
  return encodeContainerHeader(parts.objectUuid, {
    metadata: encodeMetadata(parts.metadata),
    uri: new Uint8Array(),
    signatures: encodeSignatures([]),
    envelope: parts.envelope,
  });
}

/**
 * The caller's entries, what the file was called, the mail type, the signer's key, in this order.
 * @throws `input.invalid` when the caller's entries use one of our three names
 */
export function uploadMetadata(
  entries: Iterable<readonly [string, string]>,
  {
    file,
    mailType,
    signer,
  }: { readonly file?: string | undefined; readonly mailType?: MailType | undefined; readonly signer: PublicKey },
): ContainerMetadata {
  const metadata = new Map(entries);
  for (const reserved of [FILE_ENTRY, MAIL_TYPE, SIGNATURE_PUBLIC_KEY]) {
    if (metadata.has(reserved)) {
      throw new P8eError("input.invalid", "this metadata name is set by sealing itself", { facts: { name: reserved } });
    }
  }
  if (file !== undefined) metadata.set(FILE_ENTRY, file);
  if (mailType !== undefined) metadata.set(MAIL_TYPE, mailType);
  return metadata.set(SIGNATURE_PUBLIC_KEY, signer.pem);
}
