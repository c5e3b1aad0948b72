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
  /**
   * Accounts that the message names: as parties that are not optional and, within a `MsgExec`, as those in whose name it is
   * executed.
   */
  readonly names: readonly string[];
}

/** A message that may write a session or a record, and that does not tell here which: the chain may still take it. */
export interface UnreadWrite {
  /** As of a {@link WrittenSession}; undefined where that cannot be read either. */
  readonly signers: readonly string[] | undefined;
}

/** What messages write of sessions, if they succeed, in their order. */
export interface WrittenSessions {
  readonly written: readonly WrittenSession[];
  readonly unread: readonly UnreadWrite[];
}

type PackedMessage = Pick<LedgerMessage, "typeUrl" | "value">;

const SESSION = `/${metadata.MsgWriteSessionRequestSchema.typeName}`;
const RECORD = `/${metadata.MsgWriteRecordRequestSchema.typeName}`;
const EXEC = `/${cosmos.authz.MsgExecSchema.typeName}`;
const CONTEXT = { what: "a message of a block" };
/** Levels of authz within each other that are looked into. */
const DEPTH_MAX = 10;

/**
 * The sessions that messages write, those in an authz `MsgExec` too. What this package refuses to read, and the chain may
 * take, is told as well.
 */
export function writtenSessions(messages: readonly PackedMessage[]): WrittenSessions {
  const found: Found = { written: [], unread: [] };
  collect(messages, undefined, found, DEPTH_MAX);
  return found;
}

interface Found {
  readonly written: WrittenSession[];
  readonly unread: UnreadWrite[];
}

function collect(messages: readonly PackedMessage[], executes: string | undefined, found: Found, depth: number): void {
  for (const { typeUrl, value } of messages) {
    let signers = executes === undefined ? undefined : [executes];
    try {
      if (typeUrl === EXEC) {
        const { msgs, grantee } = decodeMessage(cosmos.authz.MsgExecSchema, value, CONTEXT);
        if (depth > 0) collect(msgs, executes ?? grantee, found, depth - 1);
        else found.unread.push({ signers: signers ?? [grantee] });
        continue;
      }
      const message = readWrite(typeUrl, value);
      if (message === undefined) continue;
      signers ??= message.signers;
      const { uuid: scopeUuid, sessionUuid } = metadataAddressParts(metadataAddressFromBytes(sessionIdOf(message)));
      const session = sessionAddress(scopeUuid, sessionUuid!);
      const parties = message.parties.filter(({ optional }) => !optional).map(({ address }) => address);
      const names = [...parties, ...(executes === undefined ? [] : message.signers)];
      found.written.push({ session, scopeUuid, sessionUuid: sessionUuid!, signers, names });
    } catch {
      found.unread.push({ signers });
    }
  }
}

interface SessionWrite {
  readonly id: Uint8Array | undefined;
  readonly components: metadata.SessionIdComponents | undefined;
  readonly signers: string[];
  readonly parties: readonly metadata.Party[];
}

function readWrite(typeUrl: string, value: Uint8Array): SessionWrite | undefined {
  if (typeUrl === SESSION) {
    const message = decodeMessage(metadata.MsgWriteSessionRequestSchema, value, CONTEXT);
    const { session, sessionIdComponents: components, signers } = message;
    return { id: session?.sessionId, components, signers, parties: session?.parties ?? [] };
  }
  if (typeUrl !== RECORD) return undefined;
  const message = decodeMessage(metadata.MsgWriteRecordRequestSchema, value, CONTEXT);
  const { record, sessionIdComponents: components, signers, parties } = message;
  return { id: record?.sessionId, components, signers, parties };
}

/** In the place of an id a message may name what the ledger makes it of. */
function sessionIdOf({ id, components }: SessionWrite): Uint8Array {
  const { case: kind, value = "" } = components?.scopeIdentifier ?? {};
  if (components === undefined || value === "" || components.sessionUuid === "") return id ?? new Uint8Array();
  const scopeUuid = kind === "scopeAddr" ? metadataAddressParts(parseMetadataAddress(value)).uuid : uuidOfChain(value);
  return metadataAddressToBytes(sessionAddress(scopeUuid, uuidOfChain(components.sessionUuid)));
}

/** As the chain reads it (github.com/google/uuid: Parse), which takes any character for the braces around a UUID. */
function uuidOfChain(text: string): Uuid {
  return parseUuid(/^[\0-\x7f]{38}$/.test(text) ? text.slice(1, -1) : text);
}
