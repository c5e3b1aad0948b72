import {
  metadataAddressFromBytes,
  metadataAddressParts,
  metadataAddressToBytes,
  parseMetadataAddress,
  parseUuid,
  type SessionAddress,
  sessionAddress,
  type Uuid,
} from "@p8e/core";
import { decodeMessage } from "@p8e/decoding";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import type { LedgerMessage } from "./ledger-message.ts";

/** A session that a message writes, or writes a record of. */
export interface WrittenSession {
  readonly session: SessionAddress;
  readonly scopeUuid: Uuid;
  readonly sessionUuid: Uuid;
  /** Accounts that sign the transaction for it: the message's signers or, within an authz `MsgExec`, who executes it. */
  readonly signers: readonly string[];
  /** Accounts that the message names: as parties and, within a `MsgExec`, as those in whose name it is executed. */
  readonly names: readonly string[];
}

type PackedMessage = Pick<LedgerMessage, "typeUrl" | "value">;

const SESSION = `/${metadata.MsgWriteSessionRequestSchema.typeName}`;
const RECORD = `/${metadata.MsgWriteRecordRequestSchema.typeName}`;
const EXEC = `/${cosmos.authz.MsgExecSchema.typeName}`;
const CONTEXT = { what: "a message of a block" };
/** More levels of authz are taken by no node. */
const DEPTH_MAX = 10;

/** The sessions that messages write, if they succeed, in their order; those in an authz `MsgExec` too. */
export function writtenSessions(messages: readonly PackedMessage[]): readonly WrittenSession[] {
  const found: WrittenSession[] = [];
  collect(messages, undefined, found, DEPTH_MAX);
  return found;
}

function collect(
  messages: readonly PackedMessage[],
  executes: string | undefined,
  found: WrittenSession[],
  depth: number,
): void {
  for (const { typeUrl, value } of messages) {
    try {
      if (typeUrl === EXEC && depth > 0) {
        const { msgs, grantee } = decodeMessage(cosmos.authz.MsgExecSchema, value, CONTEXT);
        collect(msgs, executes ?? grantee, found, depth - 1);
        continue;
      }
      const written = readWritten(typeUrl, value);
      if (written === undefined) continue;
      const { sessionId, signers, parties } = written;
      const { uuid: scopeUuid, sessionUuid } = metadataAddressParts(metadataAddressFromBytes(sessionId));
      found.push({
        ...{ session: sessionAddress(scopeUuid, sessionUuid!), scopeUuid, sessionUuid: sessionUuid! },
        signers: executes === undefined ? signers : [executes],
        names: [...parties.map(({ address }) => address), ...(executes === undefined ? [] : signers)],
      });
    } catch {
      // Of a transaction that failed: nobody need have written it well.
    }
  }
}

function readWritten(typeUrl: string, value: Uint8Array) {
  if (typeUrl === SESSION) {
    const { session, sessionIdComponents, signers } = decodeMessage(
      metadata.MsgWriteSessionRequestSchema,
      value,
      CONTEXT,
    );
    return { sessionId: idOf(session?.sessionId, sessionIdComponents), signers, parties: session?.parties ?? [] };
  }
  if (typeUrl !== RECORD) return undefined;
  const { record, sessionIdComponents, signers, parties } = decodeMessage(
    metadata.MsgWriteRecordRequestSchema,
    value,
    CONTEXT,
  );
  return { sessionId: idOf(record?.sessionId, sessionIdComponents), signers, parties };
}

/** In the place of an id a message may name what the ledger makes it of. */
function idOf(id: Uint8Array | undefined, components: metadata.SessionIdComponents | undefined): Uint8Array {
  const { case: kind, value = "" } = components?.scopeIdentifier ?? {};
  if (components === undefined || value === "") return id ?? new Uint8Array();
  const scopeUuid = kind === "scopeAddr" ? metadataAddressParts(parseMetadataAddress(value)).uuid : parseUuid(value);
  return metadataAddressToBytes(sessionAddress(scopeUuid, parseUuid(components.sessionUuid)));
}
