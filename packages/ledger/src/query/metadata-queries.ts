import { create } from "@bufbuild/protobuf";
import { equalBytes, goNameHash, hexDecode, hexEncode, uuidFromBytes } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { accountKey, metadataBytes, metadataKind, metadataText, withType } from "../domain/addresses.ts";
import {
  contractSpecIdInfo,
  recordIdInfo,
  recordSpecIdInfo,
  scopeIdInfo,
  scopeSpecIdInfo,
  sessionIdInfo,
} from "../domain/id-info.ts";
import { type LedgerState, prefixUnderScope } from "../domain/ledger-state.ts";
import { recordBytes, valueOwnerOf } from "../domain/metadata-store.ts";
import type { Reading } from "../node/ledger.ts";
import { echo, invalid, parseAddress, parseScopeId, parseSessionId, sameScope } from "./metadata-ids.ts";
import { paginate } from "./pagination.ts";
import { QueryRefusal } from "./query-refusal.ts";

/** The metadata module's queries over one state (ledger specification 2.5). */

function withValueOwner(state: LedgerState, scope: metadata.Scope): metadata.Scope {
  return { ...scope, valueOwnerAddress: valueOwnerOf(state, scope.scopeId) ?? "" };
}

type Info = { readonly excludeIdInfo: boolean };

function wrapScope(state: LedgerState, id: Uint8Array, { excludeIdInfo }: Info): metadata.ScopeWrapper {
  const scope = state.scopes.get(hexEncode(id));
  if (scope === undefined) return create(metadata.ScopeWrapperSchema, { scopeIdInfo: scopeIdInfo(id) });
  return create(metadata.ScopeWrapperSchema, {
    scope: withValueOwner(state, scope),
    ...(excludeIdInfo ? {} : { scopeIdInfo: scopeIdInfo(id), scopeSpecIdInfo: scopeSpecIdInfo(scope.specificationId) }),
  });
}

function wrapSession(session: metadata.Session, { excludeIdInfo }: Info): metadata.SessionWrapper {
  return create(metadata.SessionWrapperSchema, {
    session,
    ...(excludeIdInfo
      ? {}
      : {
          sessionIdInfo: sessionIdInfo(session.sessionId),
          contractSpecIdInfo: contractSpecIdInfo(session.specificationId),
        }),
  });
}

function wrapSessionId(state: LedgerState, id: Uint8Array, info: Info): metadata.SessionWrapper {
  const session = state.sessions.get(hexEncode(id));
  if (session !== undefined) return wrapSession(session, info);
  return create(metadata.SessionWrapperSchema, { sessionIdInfo: sessionIdInfo(id) });
}

function wrapRecord(record: metadata.Record, { excludeIdInfo }: Info): metadata.RecordWrapper {
  const id = recordBytes(record.sessionId, record.name);
  const hasSpecification = record.specificationId.length > 0;
  return create(metadata.RecordWrapperSchema, {
    record,
    ...(excludeIdInfo
      ? {}
      : {
          recordIdInfo: recordIdInfo(id),
          ...(hasSpecification ? { recordSpecIdInfo: recordSpecIdInfo(record.specificationId) } : {}),
        }),
  });
}

function recordsOf(state: LedgerState, scope: Uint8Array): metadata.Record[] {
  return [...state.records.entries(prefixUnderScope("02", hexEncode(scope)))].map(([, record]) => record);
}

function sessionsOf(state: LedgerState, scope: Uint8Array): metadata.Session[] {
  return [...state.sessions.entries(prefixUnderScope("01", hexEncode(scope)))].map(([, session]) => session);
}

/** `Scope` */
export function scope({ state }: Reading, request: metadata.ScopeRequest): metadata.ScopeResponse {
  let id = request.scopeId === "" ? undefined : parseScopeId(request.scopeId);
  if (request.sessionAddr !== "") {
    id = sameScope(id, parseAddress(request.sessionAddr, "session", "session"), "session");
  }
  if (request.recordAddr !== "") id = sameScope(id, parseAddress(request.recordAddr, "record", "record"), "record");
  if (id === undefined) throw invalid("empty request parameters");
  return create(metadata.ScopeResponseSchema, {
    scope: wrapScope(state, id, request),
    sessions: request.includeSessions ? sessionsOf(state, id).map((session) => wrapSession(session, request)) : [],
    records: request.includeRecords ? recordsOf(state, id).map((record) => wrapRecord(record, request)) : [],
    ...echo(request),
  });
}

interface Named {
  readonly scopeId: string;
  readonly sessionId: string;
  readonly recordAddr: string;
  readonly name: string;
}

/**
 * What a sessions or records query names, with the scope all of it lies in. A query for records takes a session's uuid
 * only beside its scope.
 */
function parts(request: Named, what: "sessions" | "records") {
  const { name } = request;
  const given = request.scopeId === "" ? undefined : parseScopeId(request.scopeId);
  let scopeId = given;
  let record = request.recordAddr === "" ? undefined : parseAddress(request.recordAddr, "record", "record");
  if (record !== undefined) scopeId = sameScope(scopeId, record, "record");
  const around = what === "sessions" ? scopeId : given;
  const session = request.sessionId === "" ? undefined : parseSessionId(request.sessionId, around);
  if (session !== undefined) scopeId = sameScope(scopeId, session, "session");
  if (name !== "") {
    if (scopeId === undefined) throw invalid(`a scope is required to look up ${what} by record name`);
    const named = withType(0x02, scopeId.subarray(1), goNameHash(name));
    if (record !== undefined && !equalBytes(record, named)) {
      throw invalid(`record ${metadataText(record)} does not have name ${name}`);
    }
    record = named;
  }
  return { scopeId, record, session };
}

/** `Sessions` */
export function sessions({ state }: Reading, request: metadata.SessionsRequest): metadata.SessionsResponse {
  const { scopeId, record, session: named } = parts({ ...request, name: request.recordName }, "sessions");
  let session = named;
  if (record !== undefined) {
    const found = state.records.get(hexEncode(record));
    if (found === undefined) throw invalid(`record ${metadataText(record)} does not exist`);
    if (session !== undefined && !equalBytes(session, found.sessionId)) {
      throw invalid(`record ${metadataText(record)} belongs to session ${metadataText(found.sessionId)}`);
    }
    session = found.sessionId;
  }
  if (scopeId === undefined) throw invalid("empty request parameters");
  const wrapped =
    session === undefined
      ? sessionsOf(state, scopeId).map((found) => wrapSession(found, request))
      : [wrapSessionId(state, session, request)];
  const ids = wrapped.flatMap(({ session: found }) => (found === undefined ? [] : [found.sessionId]));
  const records = recordsOf(state, scopeId).filter(({ sessionId }) => ids.some((id) => equalBytes(id, sessionId)));
  return create(metadata.SessionsResponseSchema, {
    sessions: wrapped,
    ...(request.includeScope ? { scope: wrapScope(state, scopeId, request) } : {}),
    records: request.includeRecords ? records.map((found) => wrapRecord(found, request)) : [],
    ...echo(request),
  });
}

/** `Records` */
export function records({ state }: Reading, request: metadata.RecordsRequest): metadata.RecordsResponse {
  const { scopeId, record, session } = parts(request, "records");
  if (scopeId === undefined) throw invalid("empty request parameters");
  let wrapped: metadata.RecordWrapper[];
  if (record !== undefined) {
    const found = state.records.get(hexEncode(record));
    wrapped = [
      found === undefined
        ? create(metadata.RecordWrapperSchema, { recordIdInfo: recordIdInfo(record) })
        : wrapRecord(found, request),
    ];
  } else {
    wrapped = recordsOf(state, scopeId)
      .filter(({ sessionId }) => session === undefined || equalBytes(sessionId, session))
      .map((found) => wrapRecord(found, request));
  }
  const ids = new Map(
    wrapped.flatMap(({ record: found }) =>
      found === undefined ? [] : [[hexEncode(found.sessionId), found.sessionId]],
    ),
  );
  return create(metadata.RecordsResponseSchema, {
    records: wrapped,
    ...(request.includeScope ? { scope: wrapScope(state, scopeId, request) } : {}),
    sessions: request.includeSessions ? [...ids.values()].map((id) => wrapSessionId(state, id, request)) : [],
    ...echo(request),
  });
}

/** `ScopesAll` */
export function scopesAll({ state }: Reading, request: metadata.ScopesAllRequest): metadata.ScopesAllResponse {
  const { items, pagination } = paginate(state.scopes, request.pagination, { paging: "metadata", bothGiven: "sdk/18" });
  const scopes = items.map(([, found]) => wrapScope(state, found.scopeId, request));
  return create(metadata.ScopesAllResponseSchema, { scopes, pagination, ...echo(request) });
}

/** `SessionsAll` */
export function sessionsAll({ state }: Reading, request: metadata.SessionsAllRequest): metadata.SessionsAllResponse {
  const { items, pagination } = paginate(state.sessions, request.pagination, {
    paging: "metadata",
    bothGiven: "sdk/18",
  });
  const found = items.map(([, session]) => wrapSession(session, request));
  return create(metadata.SessionsAllResponseSchema, { sessions: found, pagination, ...echo(request) });
}

/** `RecordsAll` */
export function recordsAll({ state }: Reading, request: metadata.RecordsAllRequest): metadata.RecordsAllResponse {
  const { items, pagination } = paginate(state.records, request.pagination, {
    paging: "metadata",
    bothGiven: "sdk/18",
  });
  const found = items.map(([, record]) => wrapRecord(record, request));
  return create(metadata.RecordsAllResponseSchema, { records: found, pagination, ...echo(request) });
}

function requireAddressKey({ block }: Reading, address: string): string {
  if (address === "") throw invalid("address cannot be empty");
  const key = accountKey(address, block.accountPrefix);
  if (key === undefined) throw invalid(`invalid address: ${address.slice(0, 120)}`);
  return key;
}

/** Scopes that name the address as an owner or in their data access. */
export function ownership(reading: Reading, request: metadata.OwnershipRequest): metadata.OwnershipResponse {
  const prefix = `${requireAddressKey(reading, request.address)}/`;
  const { items, pagination } = paginate(reading.state.scopesByAddress, request.pagination, {
    prefix,
    paging: "store",
    bothGiven: "sdk/18",
  });
  const scopeUuids = items.map(([key]) => uuidFromBytes(hexDecode(key.slice(prefix.length + 2))));
  return create(metadata.OwnershipResponseSchema, { scopeUuids, pagination, ...echo(request) });
}

/** Scopes whose coin the address holds: all of them, unless a page is asked for. */
export function valueOwnership(
  reading: Reading,
  request: metadata.ValueOwnershipRequest,
): metadata.ValueOwnershipResponse {
  const prefix = `${requireAddressKey(reading, request.address)}/nft/`;
  const { balances } = reading.state;
  const uuidOf = (key: string): string => uuidFromBytes(parseScopeId(key.slice(prefix.length)).slice(1));
  if (request.pagination === undefined) {
    const scopeUuids = [...balances.entries(prefix)].map(([key]) => uuidOf(key));
    return create(metadata.ValueOwnershipResponseSchema, { scopeUuids, ...echo(request) });
  }
  const { items, pagination } = paginate(balances, request.pagination, {
    prefix,
    paging: "collection",
    bothGiven: "sdk/18",
  });
  const scopeUuids = items.map(([key]) => uuidOf(key));
  return create(metadata.ValueOwnershipResponseSchema, { scopeUuids, pagination, ...echo(request) });
}

/** Of one question; each costs the reading of its text, and a request has room for a hundred thousand. */
const ADDRESSES_MAX = 1000;

/** `GetByAddr` */
export function byAddress({ state }: Reading, request: metadata.GetByAddrRequest): metadata.GetByAddrResponse {
  if (request.addrs.length === 0) throw invalid("empty request");
  if (request.addrs.length > ADDRESSES_MAX) throw invalid(`more than ${ADDRESSES_MAX} addresses`);
  const response = create(metadata.GetByAddrResponseSchema);
  for (const address of request.addrs) {
    const bytes = metadataBytes(address);
    if (bytes === undefined || !addFound(state, bytes, response)) response.notFound.push(address);
  }
  return response;
}

function addFound(state: LedgerState, bytes: Uint8Array, response: metadata.GetByAddrResponse): boolean {
  const key = hexEncode(bytes);
  const push = <V>(list: V[], value: V | undefined): boolean => value !== undefined && list.push(value) > 0;
  switch (metadataKind(bytes)) {
    case "scope": {
      const found = state.scopes.get(key);
      return push(response.scopes, found && withValueOwner(state, found));
    }
    case "session":
      return push(response.sessions, state.sessions.get(key));
    case "record":
      return push(response.records, state.records.get(key));
    case "scope-specification":
      return push(response.scopeSpecs, state.scopeSpecifications.get(key));
    case "contract-specification":
      return push(response.contractSpecs, state.contractSpecifications.get(key));
    case "record-specification":
      return push(response.recordSpecs, state.recordSpecifications.get(key));
    default:
      return false;
  }
}

/** An address by its bytes or by its text, as requests are decoded; a node does not get further with anything else. */
function requireBytes(given: Uint8Array): Uint8Array {
  const bytes = given.length === 0 || metadataKind(given) !== undefined ? given : metadataBytes(decodedText(given));
  if (bytes === undefined) throw new QueryRefusal("INTERNAL", "grpc: error unmarshalling request: no metadata address");
  return bytes;
}

function decodedText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** `AccountData` */
export function accountData({ state }: Reading, request: metadata.AccountDataRequest): metadata.AccountDataResponse {
  const address = requireBytes(request.metadataAddr);
  if (metadataKind(address) !== "scope") throw invalid("metadata address is not a scope id");
  const value = state.accountData.get(hexEncode(address)) ?? "";
  return create(metadata.AccountDataResponseSchema, { value });
}

/** `ScopeNetAssetValues` */
export function netAssetValues(
  { state }: Reading,
  request: metadata.QueryScopeNetAssetValuesRequest,
): metadata.QueryScopeNetAssetValuesResponse {
  const scopeId = metadataBytes(request.id);
  if (scopeId === undefined)
    throw new QueryRefusal("UNKNOWN", `error extracting scope address: ${request.id.slice(0, 120)}`);
  const values = [...state.netAssetValues.entries(`${hexEncode(scopeId)}/`)].map(([, value]) => value);
  return create(metadata.QueryScopeNetAssetValuesResponseSchema, { netAssetValues: values });
}
