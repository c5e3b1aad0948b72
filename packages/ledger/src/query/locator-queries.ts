import { create } from "@bufbuild/protobuf";
import { base64Decode, hexEncode, utf8Decode } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { accountKey } from "../domain/addresses.ts";
import { metadataRefusal } from "../domain/refusal.ts";
import type { Reading } from "../node/ledger.ts";
import { echo, invalid, parseScopeId } from "./metadata-ids.ts";
import { paginate } from "./pagination.ts";

export function locator(reading: Reading, request: metadata.OSLocatorRequest): metadata.OSLocatorResponse {
  const key = accountKey(request.owner, reading.block.accountPrefix);
  if (key === undefined) throw metadataRefusal(3, "address does not match an existing account");
  const found = reading.state.locators.get(key);
  if (found === undefined) throw metadataRefusal(4, "no locator bound to address");
  return create(metadata.OSLocatorResponseSchema, { locator: found, ...echo(request) });
}

export function locatorsByUri(
  { state }: Reading,
  request: metadata.OSLocatorsByURIRequest,
): metadata.OSLocatorsByURIResponse {
  const uri = decodedUri(request.uri);
  const found = [...state.locators.entries()].map(([, value]) => value).filter(({ locatorUri }) => locatorUri === uri);
  if (found.length === 0) throw metadataRefusal(6, "No records found.");
  return create(metadata.OSLocatorsByURIResponseSchema, { locators: found, ...echo(request) });
}

/** Text that happens to be standard base64 is taken for the base64 of the URI. */
function decodedUri(text: string): string {
  if (text.length % 4 !== 0) return text;
  try {
    return utf8Decode(base64Decode(text));
  } catch {
    return text;
  }
}

export function locatorsByScope(
  reading: Reading,
  request: metadata.OSLocatorsByScopeRequest,
): metadata.OSLocatorsByScopeResponse {
  if (request.scopeId === "") throw invalid("scope id cannot be empty");
  const found = reading.state.scopes.get(hexEncode(parseScopeId(request.scopeId)));
  if (found === undefined) throw invalid(`scope [${request.scopeId}] not found`);
  const locators = found.owners.flatMap(({ address }) => {
    const key = accountKey(address, reading.block.accountPrefix);
    const value = key === undefined ? undefined : reading.state.locators.get(key);
    return value === undefined ? [] : [value];
  });
  return create(metadata.OSLocatorsByScopeResponseSchema, { locators, ...echo(request) });
}

export function locatorsAll(
  { state }: Reading,
  request: metadata.OSAllLocatorsRequest,
): metadata.OSAllLocatorsResponse {
  const { items, pagination } = paginate(state.locators, "", request.pagination);
  const locators = items.map(([, value]) => value);
  return create(metadata.OSAllLocatorsResponseSchema, { locators, pagination, ...echo(request) });
}
