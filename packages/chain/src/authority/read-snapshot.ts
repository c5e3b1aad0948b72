import { hexEncode, metadataAddressFromBytes, type ScopeAddress, type ScopeSpecificationAddress } from "@p8e/core";
import type { AskOptions } from "../endpoint/endpoint.ts";
import type { LedgerMessage } from "../messages/ledger-message.ts";
import type { MetadataQueries } from "../queries/metadata-queries.ts";
import { type MetadataSnapshot, scopeIdOf } from "./known-metadata.ts";
import { metadataIdsOf } from "./needed-authority.ts";

/**
 * What `neededAuthorities` must know of the ledger for these messages: their scopes whole, and the specifications of
 * these. These are several questions: ask at a height where the answers must be of one block.
 */
export async function readAuthoritySnapshot(
  queries: MetadataQueries,
  messages: readonly LedgerMessage[],
  options: AskOptions = {},
): Promise<MetadataSnapshot> {
  const ids = messages.flatMap(metadataIdsOf).filter((id) => id.length === 17 || id.length === 33);
  const scopes = addresses<ScopeAddress>(ids.filter((id) => (id[0] as number) <= 0x02).map(scopeIdOf));
  const views = await Promise.all(
    scopes.map((scope) => queries.scope(scope, { ...options, sessions: true, records: true })),
  );
  const specifications = addresses<ScopeSpecificationAddress>([
    ...ids.filter((id) => id[0] === 0x04),
    ...views.flatMap((view) => view?.scope.specificationId ?? []),
  ]);
  const listed = { ...options, contractSpecifications: true, recordSpecifications: true };
  const found = await Promise.all(specifications.map((one) => queries.scopeSpecification(one, listed)));
  return {
    scopes: views.flatMap((view) => view?.scope ?? []),
    sessions: views.flatMap((view) => view?.sessions ?? []),
    records: views.flatMap((view) => view?.records ?? []),
    scopeSpecifications: found.flatMap((one) => one?.specification ?? []),
    contractSpecifications: found.flatMap((one) => one?.contractSpecifications ?? []),
    recordSpecifications: found.flatMap((one) => one?.recordSpecifications ?? []),
  };
}

/** Each once. */
function addresses<Address extends ScopeAddress | ScopeSpecificationAddress>(ids: readonly Uint8Array[]): Address[] {
  const unique = new Map(ids.map((id) => [hexEncode(id), id]));
  return [...unique.values()].map((id) => metadataAddressFromBytes(id) as Address);
}
