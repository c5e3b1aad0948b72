import { equalBytes, type MetadataKind, parseUuid, uuidToBytes } from "@p8e/core";
import { metadataBytes, metadataKind, metadataText, scopeBytesOf, withType } from "../domain/addresses.ts";
import { sdkRefusal } from "../domain/refusal.ts";

/** How metadata queries name things: by uuid, by address, or by several that must agree. All refuse with `sdk/18`. */
export function invalid(text: string): Error {
  return sdkRefusal("invalidRequest", text);
}

/** Undefined for text that is no uuid. */
export function uuidBytes(text: string): Uint8Array | undefined {
  try {
    return uuidToBytes(parseUuid(text));
  } catch {
    return undefined;
  }
}

/** An address of `kind` or the uuid it begins with. */
export function parseId(text: string, kind: MetadataKind, type: number, what: string): Uint8Array {
  const address = metadataBytes(text);
  if (address !== undefined) {
    if (metadataKind(address) !== kind) throw invalid(`address [${text}] is not a ${what} address`);
    return address;
  }
  const uuid = uuidBytes(text);
  if (uuid === undefined)
    throw invalid(`could not parse [${text.slice(0, 120)}] into either a ${what} address or uuid`);
  return withType(type, uuid);
}

/** The bytes of an address of that kind. @throws Refusal `sdk/18` */
export function parseAddress(text: string, kind: MetadataKind, what: string): Uint8Array {
  const address = metadataBytes(text, kind);
  if (address === undefined) throw invalid(`could not parse [${text.slice(0, 120)}] into a ${what} address`);
  return address;
}

/** A scope's address, or its uuid. @throws Refusal `sdk/18` */
export function parseScopeId(text: string): Uint8Array {
  return parseId(text, "scope", 0x00, "scope");
}

/** A session's address, or its uuid beside its scope. @throws Refusal `sdk/18` */
export function parseSessionId(text: string, scope: Uint8Array | undefined): Uint8Array {
  const address = metadataBytes(text);
  if (address !== undefined) {
    if (metadataKind(address) !== "session") throw invalid(`address [${text}] is not a session address`);
    return address;
  }
  const uuid = uuidBytes(text);
  if (scope === undefined || uuid === undefined) {
    throw invalid(`could not parse [${text.slice(0, 120)}] into a session address`);
  }
  return withType(0x01, scope.subarray(1), uuid);
}

/** The scope that all given parts agree on. */
export function sameScope(known: Uint8Array | undefined, part: Uint8Array, what: string): Uint8Array {
  const scope = scopeBytesOf(part);
  if (known !== undefined && !equalBytes(known, scope)) {
    throw invalid(`${what} ${metadataText(part)} is not in scope ${metadataText(known)}`);
  }
  return scope;
}

/** The request goes into its answer when it asks to. */
export function echo<R extends { readonly includeRequest: boolean }>(request: R): { request?: R } {
  return request.includeRequest ? { request } : {};
}
