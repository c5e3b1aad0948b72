import { type CallOptions, parseUuid, type Uuid } from "@p8e/core";
import type { KeyReference, PublicKey } from "@p8e/crypto";
import * as objectStore from "@p8e/proto/object-store";
import type { RpcClient } from "@p8e/rpc";

/**
 * A letter as it came, sealed and unchecked, until it is acknowledged under `uuid`. It is parsed when it is opened, so
 * that one malformed letter does not hide the others.
 */
export interface Mail {
  readonly uuid: Uuid;
  /** The whole container. */
  readonly container: Uint8Array;
}

/** What one fetch holds in memory; more letters come with the next, when these have been acknowledged. */
const LETTERS_BYTES = 64 * 1024 * 1024;

/** A store has no way to be asked for others than the first so many: those that are passed over come as well. */
const MAX_RESULTS = 10_000;

/** Which letters are fetched. */
export interface MailSelection {
  /** Of so many letters, at most. */
  readonly limit: number;
  /** Those that wait for something else: they are let pass. */
  readonly skip?: ReadonlySet<Uuid> | undefined;
}

/** @throws `rpc.…` */
export async function fetchMail(
  rpc: RpcClient,
  key: KeyReference,
  options: CallOptions & MailSelection,
): Promise<readonly Mail[]> {
  const { limit, skip, ...call } = options;
  const letters: Mail[] = [];
  let bytes = 0;
  const maxResults = Math.min(MAX_RESULTS, limit + (skip?.size ?? 0));
  const request = { publicKey: key.publicKey.uncompressed, maxResults };
  for await (const letter of rpc.serverStream(objectStore.MailboxService.method.get, request, call)) {
    const uuid = parseUuid(letter.uuid?.value ?? "");
    if (skip?.has(uuid)) continue;
    letters.push({ uuid, container: letter.data });
    bytes += letter.data.length;
    if (letters.length >= limit || bytes >= LETTERS_BYTES) break;
  }
  return letters;
}

/** The store lets go of the letter. @throws `rpc.…` */
export async function acknowledgeMail(rpc: RpcClient, mail: Uuid, key: PublicKey, options: CallOptions): Promise<void> {
  const request = { uuid: { value: mail }, publicKey: key.uncompressed };
  await rpc.unary(objectStore.MailboxService.method.ack, request, options);
}
