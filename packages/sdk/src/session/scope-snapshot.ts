import { create } from "@bufbuild/protobuf";
import type { AskOptions, ChainClient } from "@p8e/chain";
import {
  type AccountAddress,
  metadataAddressFromBytes,
  metadataAddressParts,
  P8eError,
  type ScopeAddress,
  type Uuid,
} from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";

/** A scope with its sessions and records, as one answer of the ledger. */
export interface ScopeSnapshot {
  readonly address: ScopeAddress;
  readonly uuid: Uuid;
  readonly specificationUuid: Uuid;
  readonly owners: readonly AccountAddress[];
  readonly dataAccess: readonly AccountAddress[];
  readonly valueOwner: string;
  readonly sessions: readonly metadata.Session[];
  readonly records: readonly metadata.Record[];
  /** The form that envelopes carry. */
  readonly response: metadata.ScopeResponse;
}

/** @throws `ledger.not_found` */
export async function readScope(
  chain: ChainClient,
  address: ScopeAddress,
  options: AskOptions = {},
): Promise<ScopeSnapshot> {
  const view = await chain.metadata.scope(address, { sessions: true, records: true, ...options });
  if (view === undefined) {
    throw new P8eError("ledger.not_found", "the ledger has no such scope", { facts: { scope: address } });
  }
  const { scope, sessions, records } = view;
  return {
    address,
    uuid: metadataAddressParts(address).uuid,
    specificationUuid: metadataAddressParts(metadataAddressFromBytes(scope.specificationId)).uuid,
    owners: scope.owners.map((owner) => owner.address as AccountAddress),
    dataAccess: scope.dataAccess as AccountAddress[],
    valueOwner: scope.valueOwnerAddress,
    sessions,
    records,
    response: create(metadata.ScopeResponseSchema, {
      scope: { scope },
      sessions: sessions.map((session) => ({ session })),
      records: records.map((record) => ({ record })),
    }),
  };
}
