import type { RandomBytes, Uuid } from "@p8e/core";
import { type RpcContext, RpcStatusError } from "@p8e/rpc";
import type { StoreConfiguration } from "../configuration.ts";
import type { KeyText } from "../domain/audience.ts";
import { authorize, type RemoteAdvice, requireCredential } from "../domain/authorization.ts";
import { type CallFacts, newCallFacts } from "../domain/call-facts.ts";
import type { Log } from "../log.ts";
import type { MailBell } from "../mailbox/mail-bell.ts";
import type { PassingBytes } from "../passing-bytes.ts";
import type { Database } from "../postgres/database.ts";
import type { KeyCache } from "../postgres/key-cache.ts";
import type { Maintenance } from "../postgres/maintenance.ts";
import type { StoreBus } from "../postgres/store-bus.ts";
import type { PutParts } from "../put/put-parts.ts";
import type { BlobStorage } from "../storage/blob-storage.ts";
import type { StoreClock } from "../store-clock.ts";

/** The parts of an open store that its services share. */
export interface StoreContext {
  readonly configuration: StoreConfiguration;
  readonly database: Database;
  readonly bus: StoreBus;
  readonly keys: KeyCache;
  readonly maintenance: Maintenance;
  readonly storage: BlobStorage;
  readonly puts: PutParts;
  readonly passing: PassingBytes;
  readonly bell: MailBell;
  readonly clock: StoreClock;
  /** Told of every object that could not be read whole, and why. */
  readonly suspect: (uuid: Uuid, thrown: unknown) => void;
  readonly random: RandomBytes;
  readonly log: Log;
}

/** What is to be told of the call when it has ended: the handler fills it in. */
export function factsOf(call: RpcContext): CallFacts {
  const facts = newCallFacts();
  call.annotation = facts;
  return facts;
}

/** @throws UNAVAILABLE while the store is in maintenance */
export function refuseInMaintenance(store: StoreContext): void {
  if (store.maintenance.on) {
    throw new RpcStatusError("UNAVAILABLE", "Service is in maintenance mode", { code: "store.maintenance" });
  }
}

/** @throws `rpc.denied` unless the call shows the operator's credential; nobody needs one when none is configured */
export function requireAdmin(store: StoreContext, call: RpcContext): void {
  const { adminCredential } = store.configuration;
  if (adminCredential !== undefined) requireCredential(adminCredential, (name) => call.requestMetadata.get(name));
}

/** @throws `rpc.denied` unless the call may act for the key; anybody may when authentication is off */
export function requireKey(store: StoreContext, key: KeyText, call: RpcContext, advice: RemoteAdvice): void {
  if (!store.configuration.userAuthEnabled) return;
  authorize(key, store.keys.get(key), (name) => call.requestMetadata.get(name), advice);
}
