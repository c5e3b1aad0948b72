import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import {
  metadataAddressFromBytes,
  metadataAddressParts,
  metadataAddressToBytes,
  parseMetadataAddress,
  parseUuid,
  type ScopeAddress,
  scopeAddress,
} from "@p8e/core";
import { decodeMessage } from "@p8e/decoding";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import type { LedgerMessage } from "./ledger-message.ts";

type PackedMessage = Pick<LedgerMessage, "typeUrl" | "value">;
type Ids = (bytes: Uint8Array) => readonly (Uint8Array | undefined)[];

/** More levels of authz are taken by no node. */
const DEPTH_MAX = 10;

function reading<D extends DescMessage>(
  schema: D,
  ids: (message: MessageShape<D>) => readonly (Uint8Array | undefined)[],
): readonly [string, Ids] {
  const what = "a message of a block";
  return [`/${schema.typeName}`, (bytes) => ids(decodeMessage(schema, bytes, { what }))];
}

/** In the place of an id a message may name a UUID of which the ledger makes it. */
function ofUuid(text: string): Uint8Array | undefined {
  return text === "" ? undefined : metadataAddressToBytes(scopeAddress(parseUuid(text)));
}

/** Of the scope, which is given by UUID or by an address in it. */
function ofComponents(components: metadata.SessionIdComponents | undefined): Uint8Array | undefined {
  const { case: kind, value = "" } = components?.scopeIdentifier ?? {};
  if (kind !== "scopeAddr" || value === "") return ofUuid(value);
  return metadataAddressToBytes(parseMetadataAddress(value));
}

/** By type URL: the ids of scopes, or of sessions and records in them, that a message changes. */
const kinds: ReadonlyMap<string, Ids> = new Map([
  reading(metadata.MsgWriteScopeRequestSchema, ({ scope, scopeUuid }) => [scope?.scopeId, ofUuid(scopeUuid)]),
  reading(metadata.MsgDeleteScopeRequestSchema, ({ scopeId }) => [scopeId]),
  reading(metadata.MsgAddScopeDataAccessRequestSchema, ({ scopeId }) => [scopeId]),
  reading(metadata.MsgDeleteScopeDataAccessRequestSchema, ({ scopeId }) => [scopeId]),
  reading(metadata.MsgAddScopeOwnerRequestSchema, ({ scopeId }) => [scopeId]),
  reading(metadata.MsgDeleteScopeOwnerRequestSchema, ({ scopeId }) => [scopeId]),
  reading(metadata.MsgWriteSessionRequestSchema, ({ session, sessionIdComponents }) => [
    session?.sessionId,
    ofComponents(sessionIdComponents),
  ]),
  reading(metadata.MsgWriteRecordRequestSchema, ({ record, sessionIdComponents }) => [
    record?.sessionId,
    ofComponents(sessionIdComponents),
  ]),
  reading(metadata.MsgDeleteRecordRequestSchema, ({ recordId }) => [recordId]),
]);

/**
 * The scopes whose owners, readers, sessions or records messages change, if they succeed; those in an authz `MsgExec` count
 * too. What cannot be read names none: the ledger did not take it either.
 */
export function touchedScopes(messages: readonly PackedMessage[]): ReadonlySet<ScopeAddress> {
  const found = new Set<ScopeAddress>();
  collect(messages, found, DEPTH_MAX);
  return found;
}

function collect(messages: readonly PackedMessage[], found: Set<ScopeAddress>, depth: number): void {
  for (const { typeUrl, value } of messages) {
    try {
      if (typeUrl === `/${cosmos.authz.MsgExecSchema.typeName}` && depth > 0) {
        const { msgs } = decodeMessage(cosmos.authz.MsgExecSchema, value, { what: "a message of a block" });
        collect(msgs, found, depth - 1);
        continue;
      }
      for (const id of kinds.get(typeUrl)?.(value) ?? []) {
        if (id === undefined || id.length === 0) continue;
        found.add(scopeAddress(metadataAddressParts(metadataAddressFromBytes(id)).uuid));
      }
    } catch {
      // Of a transaction that failed: nobody need have written it well.
    }
  }
}
