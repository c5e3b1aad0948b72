import { isP8eError, parseUuid, type RandomBytes, randomUuid } from "@p8e/core";
import { audienceKeyTexts, type Envelope, type MailType, ownerKeyText } from "@p8e/envelope";
import { RpcStatusError } from "@p8e/rpc";
import { type KeyState, type KeyText, keysToReplicate } from "../domain/audience.ts";
import type { NewParty } from "../postgres/object-rows.ts";

/** Who can read a new object, and who owns it. */
export interface Readers {
  readonly audience: readonly KeyText[];
  readonly owner: KeyText | undefined;
}

/**
 * Reads owner and audience. Which key must be readable, and what is answered when it is not, depends on what the store
 * is going to do with it, as in the reference server.
 */
export function readReaders(
  envelope: Envelope,
  needs: { readonly replication: boolean; readonly ownerForMail: boolean },
): Readers {
  const audience = attempt(() => audienceKeyTexts(envelope));
  const owner = attempt(() => ownerKeyText(envelope));
  if (needs.replication && (audience === undefined || owner === undefined)) {
    throw new RpcStatusError("INVALID_ARGUMENT", "Invalid Dime proto - audience list", { code: "envelope.malformed" });
  }
  if (audience === undefined || (needs.ownerForMail && owner === undefined)) {
    const what = audience === undefined ? "an audience key is not UTF-8" : "mail without an owner";
    throw new RpcStatusError("INTERNAL", `DimeError(InternalInvalidState("${what}"))`, { code: "envelope.malformed" });
  }
  return { audience, owner };
}

/** @throws INVALID_ARGUMENT when there is no readable owner */
export function requireOwner(envelope: Envelope): KeyText {
  const owner = attempt(() => ownerKeyText(envelope));
  if (owner === undefined) {
    throw new RpcStatusError("INVALID_ARGUMENT", "Invalid Dime proto - owner", { code: "envelope.malformed" });
  }
  return owner;
}

/** The rows that each reader gets: always its key, mail and replication for everybody but the owner. */
export function partiesOf(
  readers: Readers,
  options: {
    readonly mailType: MailType | undefined;
    readonly replicate: boolean;
    readonly stateOf: (key: KeyText) => KeyState;
    readonly random: RandomBytes;
  },
): readonly NewParty[] {
  const remote = new Set(options.replicate ? keysToReplicate(readers.audience, readers.owner, options.stateOf) : []);
  const fresh = () => parseUuid(randomUuid(options.random));
  return readers.audience.map((key) => ({
    key,
    ...(options.mailType !== undefined && key !== readers.owner
      ? { mail: { uuid: fresh(), type: options.mailType } }
      : {}),
    ...(remote.has(key) ? { replicationUuid: fresh() } : {}),
  }));
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isP8eError(error) && error.code === "envelope.malformed") return undefined;
    throw error;
  }
}
