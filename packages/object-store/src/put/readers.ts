import { isP8eError, P8eError, parseUuid, type RandomBytes, randomUuid } from "@p8e/core";
import { audienceKeyTexts, type Envelope, type MailType, ownerKeyText } from "@p8e/envelope";
import { type KeyState, type KeyText, keysToReplicate } from "../domain/audience.ts";
import type { NewParty } from "../postgres/object-rows.ts";

/** What is wrong with whom a container names, in the `problem` fact of `envelope.malformed`. */
export type ReaderProblem = "readers" | "audience" | "mail_owner" | "owner";

const problems: Readonly<Record<ReaderProblem, string>> = {
  readers: "owner and audience of the container cannot both be read",
  audience: "a key in the container's audience is not UTF-8",
  mail_owner: "the mail's container names no owner",
  owner: "the container names no owner that can be read",
};

/** Who can read a new object, and who owns it. */
export interface Readers {
  readonly audience: readonly KeyText[];
  readonly owner: KeyText | undefined;
}

/**
 * Reads owner and audience. Which key must be readable, and what is answered when it is not, depends on what the store
 * is going to do with it, as in the reference server.
 * @throws `envelope.malformed`, problem `readers`, `audience` or `mail_owner`
 */
export function readReaders(
  envelope: Envelope,
  needs: { readonly replication: boolean; readonly ownerForMail: boolean },
): Readers {
  const audience = attempt(() => audienceKeyTexts(envelope));
  const owner = attempt(() => ownerKeyText(envelope));
  if (needs.replication && (audience === undefined || owner === undefined)) {
    throw unreadable("readers");
  }
  if (audience === undefined || (needs.ownerForMail && owner === undefined)) {
    throw unreadable(audience === undefined ? "audience" : "mail_owner");
  }
  return { audience, owner };
}

/** @throws `envelope.malformed`, problem `owner` */
export function requireOwner(envelope: Envelope): KeyText {
  const owner = attempt(() => ownerKeyText(envelope));
  if (owner === undefined) {
    throw unreadable("owner");
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

function unreadable(problem: ReaderProblem): P8eError {
  return new P8eError("envelope.malformed", problems[problem], { facts: { problem } });
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isP8eError(error) && error.code === "envelope.malformed") return undefined;
    throw error;
  }
}
