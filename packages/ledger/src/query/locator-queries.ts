import { create } from "@bufbuild/protobuf";
import { base64Decode, hexEncode } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { accountKey } from "../domain/addresses.ts";
import { parseGoUrl } from "../domain/go-url.ts";
import { metadataRefusal } from "../domain/refusal.ts";
import type { Reading } from "../node/ledger.ts";
import { echo, invalid, parseScopeId } from "./metadata-ids.ts";
import { paginate } from "./pagination.ts";
import { QueryRefusal } from "./query-refusal.ts";

/** `OSLocator`. @throws Refusal `metadata/3` for no address, `metadata/4` without a locator */
export function locator(reading: Reading, request: metadata.OSLocatorRequest): metadata.OSLocatorResponse {
  const key = accountKey(request.owner, reading.block.accountPrefix);
  if (key === undefined) throw metadataRefusal(3, "address does not match an existing account");
  const found = reading.state.locators.get(key);
  if (found === undefined) throw metadataRefusal(4, "no locator bound to address");
  return create(metadata.OSLocatorResponseSchema, { locator: found, ...echo(request) });
}

/** `OSLocatorsByURI`. @throws QueryRefusal for no URI, Refusal `metadata/6` without a locator */
export function locatorsByUri(
  { state }: Reading,
  request: metadata.OSLocatorsByURIRequest,
): metadata.OSLocatorsByURIResponse {
  const uri = parseGoUrl(decodedUri(request.uri));
  if (uri === undefined) throw new QueryRefusal("UNKNOWN", `parse "${request.uri.slice(0, 120)}": no URI`);
  const { items, pagination } = paginate(state.locators, request.pagination, {
    paging: "store",
    includes: (_, { locatorUri }) => locatorUri === uri.text,
  });
  if (items.length === 0) throw metadataRefusal(6, "No records found.");
  const locators = items.map(([, value]) => value);
  return create(metadata.OSLocatorsByURIResponseSchema, { locators, pagination, ...echo(request) });
}

/** Text that happens to be standard base64 is taken for the base64 of the URI. */
function decodedUri(text: string): string | Uint8Array {
  if (text.length % 4 !== 0) return text;
  try {
    return base64Decode(text);
  } catch {
    return text;
  }
}

/** `OSLocatorsByScope`: of a scope's owners. @throws Refusal `sdk/18` */
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

/** `OSAllLocators` */
export function locatorsAll(
  { state }: Reading,
  request: metadata.OSAllLocatorsRequest,
): metadata.OSAllLocatorsResponse {
  const { items, pagination } = paginate(state.locators, request.pagination, { paging: "store" });
  const locators = items.map(([, value]) => value);
  return create(metadata.OSAllLocatorsResponseSchema, { locators, pagination, ...echo(request) });
}
