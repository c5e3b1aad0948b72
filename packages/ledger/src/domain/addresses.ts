import {
  type AccountAddress,
  type AccountPrefix,
  accountAddressFromBytes,
  accountAddressToBytes,
  bech32Decode,
  hexDecode,
  hexEncode,
  type MetadataKind,
  metadataAddressFromBytes,
  metadataAddressParts,
  parseMetadataAddress,
  sha256,
  utf8Encode,
} from "@p8e/core";
import { plainRefusal, sdkRefusal } from "./refusal.ts";

/** The account's bytes in lower-case hexadecimal: the key of account tables, in the chain's own key order. */
export type AccountKey = string;
/** A metadata address's bytes in lower-case hexadecimal: the key of entity tables. */
export type MetadataKey = string;

/** The longest address of a node, in bytes. */
const ACCOUNT_BYTES_MAX = 255;

/** Undefined unless `text` is an account address (1 to 255 bytes) of this network, in lower or in upper case. */
export function accountKey(text: string, prefix: AccountPrefix): AccountKey | undefined {
  const decoded = bech32Decode(text);
  if (decoded === undefined || decoded.prefix !== prefix) return undefined;
  return decoded.bytes.length > 0 && decoded.bytes.length <= ACCOUNT_BYTES_MAX ? hexEncode(decoded.bytes) : undefined;
}

/** The usual text of an account's address, which is in lower case; undefined unless it is one of this network. */
export function accountText(text: string, prefix: AccountPrefix): string | undefined {
  return isAccount(text, prefix) ? text.toLowerCase() : undefined;
}

/**
 * The usual text of an account's address.
 * @throws Refusal as a node's address codec has it: `sdk/35` for another network's, `sdk/9` for one without bytes or
 *   with too many, else `undefined/1`
 */
export function requireAccountText(text: string, prefix: AccountPrefix): string {
  if (text.trim() === "") throw plainRefusal("empty address string is not allowed");
  const decoded = bech32Decode(text);
  if (decoded === undefined) throw plainRefusal(`decoding bech32 failed: "${text.slice(0, 120)}"`);
  if (decoded.prefix !== prefix) {
    throw sdkRefusal("logic", `hrp does not match bech32 prefix: expected '${prefix}' got '${decoded.prefix}'`);
  }
  if (!isAccount(text, prefix)) throw sdkRefusal("unknownAddress", `addresses have 1 to ${ACCOUNT_BYTES_MAX} bytes`);
  return text.toLowerCase();
}

/** Whether the text is an account address of this network. */
export function isAccount(text: string, prefix: AccountPrefix): boolean {
  return accountKey(text, prefix) !== undefined;
}

/** bech32 text of an account's bytes, with the network's prefix. */
export function accountOfKey(key: AccountKey, prefix: AccountPrefix): AccountAddress {
  return accountAddressFromBytes(prefix, hexDecode(key));
}

/** For addresses that were checked before. */
export function keyOfAccount(address: string): AccountKey {
  return hexEncode(accountAddressToBytes(address as AccountAddress));
}

/** Address of a module's own account: the first 20 bytes of the SHA-256 of its name. */
export function moduleAddress(name: string, prefix: AccountPrefix): AccountAddress {
  return accountAddressFromBytes(prefix, sha256(utf8Encode(name)).subarray(0, 20));
}

/** The module whose account issues the coins of scopes. */
export const METADATA_MODULE = "metadata";
/** The module whose account fees go to. */
export const FEE_COLLECTOR = "fee_collector";

/** Undefined when the bytes are no metadata address. */
export function metadataKind(bytes: Uint8Array): MetadataKind | undefined {
  try {
    return metadataAddressParts(metadataAddressFromBytes(bytes)).kind;
  } catch {
    return undefined;
  }
}

/** bech32 text of a metadata address; for bytes that are none, their hexadecimal, since it only serves messages. */
export function metadataText(bytes: Uint8Array): string {
  try {
    return metadataAddressFromBytes(bytes);
  } catch {
    return hexEncode(bytes);
  }
}

/** bech32 text of the metadata address that a key stands for. */
export function metadataTextOfKey(key: MetadataKey): string {
  return metadataText(hexDecode(key));
}

/** Undefined when the text is no metadata address of that kind (of any kind without `kind`). */
export function metadataBytes(text: string, kind?: MetadataKind): Uint8Array | undefined {
  try {
    const address = kind === undefined ? parseMetadataAddress(text) : parseMetadataAddress(text, kind);
    return bech32Decode(address)?.bytes;
  } catch {
    return undefined;
  }
}

/** The address of the scope that a scope, session or record address belongs to. */
export function scopeBytesOf(bytes: Uint8Array): Uint8Array {
  return withType(0x00, bytes.subarray(1, 17));
}

/** The address of the contract specification that a contract or record specification address belongs to. */
export function contractSpecificationBytesOf(bytes: Uint8Array): Uint8Array {
  return withType(0x03, bytes.subarray(1, 17));
}

/** A metadata address: its type byte and what follows it. */
export function withType(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 1);
  const bytes = new Uint8Array(size);
  bytes[0] = type;
  let offset = 1;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
