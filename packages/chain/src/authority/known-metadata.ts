import { create } from "@bufbuild/protobuf";
import {
  equalBytes,
  hexEncode,
  metadataAddressToBytes,
  recordAddress,
  recordSpecificationAddress,
  uuidFromBytes,
} from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";

/** Things of a ledger, as it answered. A scope carries its value owner. */
export interface MetadataSnapshot {
  readonly scopes?: readonly metadata.Scope[];
  readonly sessions?: readonly metadata.Session[];
  readonly records?: readonly metadata.Record[];
  readonly scopeSpecifications?: readonly metadata.ScopeSpecification[];
  readonly contractSpecifications?: readonly metadata.ContractSpecification[];
  readonly recordSpecifications?: readonly metadata.RecordSpecification[];
}

/** A snapshot by id, and what messages make of it one after the other, as far as it decides who signs the next. */
export class KnownMetadata {
  readonly #things = new Map<string, unknown>();

  constructor(snapshot: MetadataSnapshot) {
    for (const scope of snapshot.scopes ?? []) this.putScope(scope);
    for (const session of snapshot.sessions ?? []) this.putSession(session);
    for (const record of snapshot.records ?? []) this.putRecord(record);
    for (const one of snapshot.scopeSpecifications ?? []) this.#put(one.specificationId, one);
    for (const one of snapshot.contractSpecifications ?? []) this.#put(one.specificationId, one);
    for (const one of snapshot.recordSpecifications ?? []) this.#put(one.specificationId, one);
  }

  scope(id: Uint8Array): metadata.Scope | undefined {
    return this.#get(0x00, id);
  }

  session(id: Uint8Array): metadata.Session | undefined {
    return this.#get(0x01, id);
  }

  record(id: Uint8Array): metadata.Record | undefined {
    return this.#get(0x02, id);
  }

  contractSpecification(id: Uint8Array): metadata.ContractSpecification | undefined {
    return this.#get(0x03, id);
  }

  scopeSpecification(id: Uint8Array): metadata.ScopeSpecification | undefined {
    return this.#get(0x04, id);
  }

  recordSpecification(id: Uint8Array): metadata.RecordSpecification | undefined {
    return this.#get(0x05, id);
  }

  putScope(scope: metadata.Scope): void {
    this.#put(scope.scopeId, scope);
  }

  putSession(session: metadata.Session): void {
    this.#put(session.sessionId, session);
  }

  putRecord(record: metadata.Record): void {
    this.#put(recordId(record.sessionId, record.name), record);
  }

  /** With its sessions and records. */
  deleteScope(id: Uint8Array): void {
    const uuid = hexEncode(id.subarray(1, 17));
    for (const key of this.#things.keys()) {
      if (["00", "01", "02"].some((kind) => key.startsWith(`${kind}${uuid}`))) this.#things.delete(key);
    }
  }

  /** A session goes with its last record. */
  deleteRecord(id: Uint8Array): void {
    const record = this.record(id);
    this.#things.delete(hexEncode(id));
    if (record !== undefined) this.deleteSessionIfEmpty(record.sessionId);
  }

  deleteSessionIfEmpty(id: Uint8Array): void {
    for (const [key, thing] of this.#things) {
      if (key.startsWith("02") && equalBytes((thing as metadata.Record).sessionId, id)) return;
    }
    this.#things.delete(hexEncode(id));
  }

  changeScope(id: Uint8Array, change: (scope: metadata.Scope) => Partial<metadata.Scope>): void {
    const scope = this.scope(id);
    if (scope !== undefined) this.putScope(create(metadata.ScopeSchema, { ...scope, ...change(scope) }));
  }

  #put(id: Uint8Array, thing: unknown): void {
    this.#things.set(hexEncode(id), thing);
  }

  #get<T>(kind: number, id: Uint8Array): T | undefined {
    return id[0] === kind ? (this.#things.get(hexEncode(id)) as T | undefined) : undefined;
  }
}

/** The scope that a session or record belongs to. */
export function scopeIdOf(id: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(0x00, ...id.subarray(1, 17));
}

/** Of the record with that name in the session's scope. */
export function recordId(sessionId: Uint8Array, name: string): Uint8Array {
  return metadataAddressToBytes(recordAddress(uuidFromBytes(sessionId.subarray(1, 17)), name));
}

/** Of the record specification with that name in the session's contract. */
export function recordSpecificationId(contractSpecificationId: Uint8Array, name: string): Uint8Array {
  const contract = uuidFromBytes(contractSpecificationId.subarray(1, 17));
  return metadataAddressToBytes(recordSpecificationAddress(contract, name));
}
