import { bech32Decode, bech32Encode } from "./bech32-text.ts";
import type { Brand } from "./brand.ts";
import { base64Decode, concatBytes } from "./bytes.ts";
import { P8eError } from "./errors.ts";
import { nameHash } from "./name-hash.ts";
import { type Uuid, uuidFromBytes, uuidToBytes } from "./uuid.ts";

/**
 * Addresses of the metadata module: a type byte, one uuid, and for some kinds a second uuid or a name hash; as text,
 * bech32 with the kind's own prefix, equal on every network (provenance: x/metadata/types/address.go).
 */
const kinds = {
  scope: { type: 0x00, prefix: "scope", length: 17 },
  session: { type: 0x01, prefix: "session", length: 33 },
  record: { type: 0x02, prefix: "record", length: 33 },
  "contract-specification": { type: 0x03, prefix: "contractspec", length: 17 },
  "scope-specification": { type: 0x04, prefix: "scopespec", length: 17 },
  "record-specification": { type: 0x05, prefix: "recspec", length: 33 },
} as const;

/** The kinds of entries of the metadata module, by name. */
export type MetadataKind = keyof typeof kinds;

/** bech32 text, lower case. */
export type MetadataAddress<K extends MetadataKind = MetadataKind> = Brand<string, `MetadataAddress:${K}`>;
/** `scope1…` */
export type ScopeAddress = MetadataAddress<"scope">;
/** `session1…` */
export type SessionAddress = MetadataAddress<"session">;
/** `record1…` */
export type RecordAddress = MetadataAddress<"record">;
/** `contractspec1…` */
export type ContractSpecificationAddress = MetadataAddress<"contract-specification">;
/** `scopespec1…` */
export type ScopeSpecificationAddress = MetadataAddress<"scope-specification">;
/** `recspec1…` */
export type RecordSpecificationAddress = MetadataAddress<"record-specification">;

/** The address of the scope with this uuid. */
export function scopeAddress(scope: Uuid): ScopeAddress {
  return encode("scope", uuidToBytes(scope));
}

/** The address of a session of this scope. */
export function sessionAddress(scope: Uuid, session: Uuid): SessionAddress {
  return encode("session", uuidToBytes(scope), uuidToBytes(session));
}

/** @throws `name.invalid` */
export function recordAddress(scope: Uuid, recordName: string): RecordAddress {
  return encode("record", uuidToBytes(scope), nameHash(recordName));
}

/** The address of the contract specification with this uuid. */
export function contractSpecificationAddress(specification: Uuid): ContractSpecificationAddress {
  return encode("contract-specification", uuidToBytes(specification));
}

/** The address of the scope specification with this uuid. */
export function scopeSpecificationAddress(specification: Uuid): ScopeSpecificationAddress {
  return encode("scope-specification", uuidToBytes(specification));
}

/**
 * `recordName` is the name of the record that a function writes, not the function's own.
 * @throws `name.invalid`
 */
export function recordSpecificationAddress(contract: Uuid, recordName: string): RecordSpecificationAddress {
  return encode("record-specification", uuidToBytes(contract), nameHash(recordName));
}

/** The first 16 or 32 bytes of a base64 hash behind a kind's type byte. @throws `address.invalid` if it is too short */
export function metadataAddressFromHash<K extends MetadataKind>(kind: K, base64Hash: string): MetadataAddress<K> {
  const wanted = kinds[kind].length - 1;
  const bytes = base64Decode(base64Hash, "hash");
  if (bytes.length < wanted) throw invalid(`a ${kind} address needs a hash of ${wanted} bytes`, base64Hash);
  return encode(kind, bytes.subarray(0, wanted));
}

/** The parts of an address. `nameHash` has 16 bytes. */
export interface MetadataAddressParts {
  readonly kind: MetadataKind;
  /** The scope's uuid for scope, session and record; the specification's for the others. */
  readonly uuid: Uuid;
  readonly sessionUuid?: Uuid;
  readonly nameHash?: Uint8Array;
}

/** What an address is made of. */
export function metadataAddressParts(address: MetadataAddress): MetadataAddressParts {
  const bytes = metadataAddressToBytes(address);
  const kind = kindOf(bytes, address);
  const uuid = uuidFromBytes(bytes.subarray(1, 17));
  if (kind === "session") return { kind, uuid, sessionUuid: uuidFromBytes(bytes.subarray(17)) };
  if (bytes.length === 33) return { kind, uuid, nameHash: bytes.slice(17) };
  return { kind, uuid };
}

/** Bytes as messages to the chain carry them. */
export function metadataAddressToBytes(address: MetadataAddress): Uint8Array {
  const decoded = bech32Decode(address);
  if (decoded === undefined) throw invalid("not a metadata address", address);
  return decoded.bytes;
}

/** @throws `address.invalid` */
export function metadataAddressFromBytes(bytes: Uint8Array): MetadataAddress {
  const kind = kindOf(bytes, undefined);
  return bech32Encode(kinds[kind].prefix, bytes) as MetadataAddress;
}

/** @throws `address.invalid` when text, checksum, type byte, length and prefix do not agree, or the kind is not `kind` */
export function parseMetadataAddress(text: string): MetadataAddress;
export function parseMetadataAddress<K extends MetadataKind>(text: string, kind: K): MetadataAddress<K>;
export function parseMetadataAddress(text: string, wanted?: MetadataKind): MetadataAddress {
  const decoded = bech32Decode(text);
  if (decoded === undefined)
    throw invalid("not an address: a letter is wrong or missing, or it is something else", text);
  const kind = kindOf(decoded.bytes, text);
  if (decoded.prefix !== kinds[kind].prefix) throw invalid(`the prefix of a ${kind} is ${kinds[kind].prefix}`, text);
  if (wanted !== undefined && kind !== wanted) throw invalid(`expected a ${wanted} address, found a ${kind}`, text);
  return text.toLowerCase() as MetadataAddress;
}

/** Whether a text is an address of this kind. */
export function isMetadataAddressOf<K extends MetadataKind>(address: string, kind: K): address is MetadataAddress<K> {
  try {
    parseMetadataAddress(address, kind);
    return true;
  } catch {
    return false;
  }
}

/** The bank denomination that stands for owning a scope's value. */
export function scopeDenomination(scope: ScopeAddress): string {
  return `nft/${scope}`;
}

function encode<K extends MetadataKind>(kind: K, ...parts: readonly Uint8Array[]): MetadataAddress<K> {
  const bytes = concatBytes(Uint8Array.of(kinds[kind].type), ...parts);
  return bech32Encode(kinds[kind].prefix, bytes) as MetadataAddress<K>;
}

function kindOf(bytes: Uint8Array, text: string | undefined): MetadataKind {
  for (const [kind, form] of Object.entries(kinds)) {
    if (form.type !== bytes[0]) continue;
    if (bytes.length !== form.length) throw invalid(`a ${kind} address has ${form.length} bytes`, text);
    return kind as MetadataKind;
  }
  throw invalid("unknown type byte in a metadata address", text);
}

function invalid(message: string, text: string | undefined): P8eError {
  return new P8eError("address.invalid", message, { facts: { given: text?.slice(0, 120) } });
}
