import { type Clock, P8eError, type RandomBytes, randomUuid, systemClock, type Uuid } from "@p8e/core";
import {
  type Audience,
  type ContainerHeader,
  DEFAULT_ENVELOPE_LIMITS,
  decodeEnvelope,
  decodeMetadata,
  type EnvelopeLimits,
  isMail,
} from "@p8e/envelope";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import { encodeEnvelope, encodeUploadHeader, extraReaders, sealAudience } from "./envelope-header.ts";
import type { KeyReference } from "./key-reference.ts";
import { openDataKey } from "./open-container.ts";
import type { PublicKey } from "./public-key.ts";
import { heapMemory, type SecretMemory, SecretScope, systemRandom } from "./secret-memory.ts";

/** A container and the readers it shall have besides those it has. */
export interface ReshareOptions {
  /** A container that the caller has opened and verified. */
  readonly header: ContainerHeader;
  /** A reader's key: it becomes the owner. */
  readonly key: KeyReference;
  /** Who shall be able to read it, besides those who already can unless `keepReaders` is false. */
  readonly audience: readonly PublicKey[];
  /**
   * Whether the header names those who can read it already, too; it does unless this is false. A store sends an object to
   * the stores of everybody it names, so without them nobody is sent what they have.
   */
  readonly keepReaders?: boolean | undefined;
  readonly objectUuid?: Uuid | undefined;
  readonly limits?: EnvelopeLimits | undefined;
  readonly random?: RandomBytes | undefined;
  /** When the envelope says it was made. */
  readonly clock?: Pick<Clock, "now"> | undefined;
  readonly backend?: CurveBackend | undefined;
  readonly memory?: SecretMemory | undefined;
}

/**
 * A header for the same payload and a larger audience: nothing is encrypted again, so hash, signature and payload stay
 * as they are and go up with it once more.
 *
 * Entries of the old audience are carried over as they stand and never made anew: the header is the store's to change,
 * and a name smuggled into it must not receive the data key. Who has read the object once cannot be made to forget it,
 * so nothing is offered to shrink an audience.
 *
 * @throws `object.refused` for mail, `envelope.no_recipient`, `envelope.wrong_key`, `envelope.tampered`,
 * `envelope.malformed`
 */
export async function reshareHeader(options: ReshareOptions): Promise<{ header: Uint8Array; objectUuid: Uuid }> {
  const { header, key, random = systemRandom, clock = systemClock } = options;
  const { limits = DEFAULT_ENVELOPE_LIMITS, backend = defaultBackend(), memory = heapMemory } = options;
  const metadata = decodeMetadata(header.sections.metadata);
  if (isMail(metadata)) {
    throw new P8eError("object.refused", "mail cannot be shared again", { facts: { objectUuid: header.uuid } });
  }
  const owner = key.publicKey;
  const readers = extraReaders(owner, options.audience);
  using secrets = new SecretScope(memory);
  const dataKey = await openDataKey(header, key, { limits, backend, memory }, secrets);
  const fresh = sealAudience(dataKey, owner, readers, { random, clock, backend, memory });
  const old = options.keepReaders === false ? [] : decodeEnvelope(header.sections.envelope, limits).audience;
  const kept = keptEntries(old, [owner, ...readers]);
  const objectUuid = options.objectUuid ?? randomUuid(random);
  const envelope = encodeEnvelope(randomUuid(random), fresh.owner, [...kept, ...fresh.readers], clock);
  return { header: encodeUploadHeader({ objectUuid, metadata, envelope }), objectUuid };
}

function keptEntries(old: readonly Audience[], replaced: readonly PublicKey[]): readonly Audience[] {
  const names = new Set(replaced.map((key) => key.base64));
  return old.filter((entry) => !names.has(Buffer.from(entry.publicKey).toString("latin1")));
}
