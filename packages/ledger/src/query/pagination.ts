import { create } from "@bufbuild/protobuf";
import { utf8Decode, utf8Encode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { sdkRefusal } from "../domain/refusal.ts";
import type { SortedMap } from "../domain/sorted-map.ts";
import { QueryRefusal } from "./query-refusal.ts";

/** Entries, and where the next ones are. */
export interface Page<V> {
  readonly items: readonly (readonly [string, V])[];
  readonly pagination: cosmos.query.PageResponse;
}

const DEFAULT_LIMIT = 100n;
/** A page has no more, whatever is asked for. */
const LIMIT_MAX = 10_000n;

/**
 * How a node counts and bounds a list; they differ where a request asks for odd things.
 *
 * - `store`: everything under a prefix, or what a filter lets through (cosmos-sdk: query.Paginate, FilteredPaginate)
 * - `metadata`: the same with a limit filled in first, so that without one nothing is counted (provenance:
 *   x/metadata/keeper/query_server.go, getPageRequest)
 * - `collection`: of the bank's collections, where an offset behind the end gives an empty page (query.CollectionPaginate)
 */
export type Paging = "store" | "metadata" | "collection";

/** What to page, and how. */
export interface PageOptions<V> {
  readonly paging: Paging;
  readonly prefix?: string;
  /** Which entries there are; all unless given. */
  readonly includes?: (key: string, value: V) => boolean;
  /** What a request with offset and key is refused with; the status of an error without a code unless given. */
  readonly bothGiven?: QueryRefusal["status"] | "sdk/18";
}

/**
 * One page of the entries whose key starts with the prefix, in key order; 100 without a limit.
 * The next page's key is ours to read and the client's to hand back.
 * @throws QueryRefusal or Refusal when offset and key are both given
 */
export function paginate<V>(
  map: SortedMap<V>,
  request: cosmos.query.PageRequest | undefined,
  options: PageOptions<V>,
): Page<V> {
  const { prefix = "", paging, includes, bothGiven = "UNKNOWN" } = options;
  const { key, offset, limit, countTotal, reverse } = request ?? create(cosmos.query.PageRequestSchema);
  if (offset > 0n && key.length > 0) {
    const text = "invalid request, either offset or key is expected, got both";
    throw bothGiven === "sdk/18" ? sdkRefusal("invalidRequest", text) : new QueryRefusal(bothGiven, text);
  }
  const entries = includes === undefined ? entriesOf(map, prefix) : filteredEntries(map, prefix, includes);
  const total = BigInt(entries.count);
  const first = key.length > 0 ? BigInt(entries.positionOf(textOf(key), reverse)) : offset;
  const wanted = limit === 0n ? DEFAULT_LIMIT : limit;
  // Go adds in 64 bits: a sum beyond them leaves nothing.
  const isBeyond = paging !== "collection" && key.length === 0 && first + wanted >= 1n << 64n;
  const end = isBeyond ? first : first + (wanted > LIMIT_MAX ? LIMIT_MAX : wanted);
  const at = (position: bigint) => entries.at(Number(reverse ? total - 1n - position : position));
  const items: (readonly [string, V])[] = [];
  for (let position = first; position < end && position < total; position++) items.push(at(position)!);
  const next = !isBeyond && end < total ? at(end) : undefined;
  const counts = countTotal || (limit === 0n && paging !== "metadata");
  const isCounted = counts && key.length === 0 && !(paging === "collection" && offset > total);
  return {
    items,
    pagination: create(cosmos.query.PageResponseSchema, {
      nextKey: next === undefined ? new Uint8Array(0) : utf8Encode(next[0].slice(prefix.length)),
      total: isCounted ? total : 0n,
    }),
  };
}

/** The entries there are to page, by their place. */
interface Entries<V> {
  readonly count: number;
  readonly at: (position: number) => readonly [string, V] | undefined;
  readonly positionOf: (key: string, reverse: boolean) => number;
}

function entriesOf<V>(map: SortedMap<V>, prefix: string): Entries<V> {
  const first = map.rank(prefix);
  const count = map.count(prefix);
  return {
    count,
    at: (position) => map.at(first + position),
    positionOf: (key, reverse) => fromStart(map.rank(`${prefix}${key}`) - first, count, reverse),
  };
}

function filteredEntries<V>(
  map: SortedMap<V>,
  prefix: string,
  includes: (key: string, value: V) => boolean,
): Entries<V> {
  const kept = [...map.entries(prefix)].filter(([key, value]) => includes(key, value));
  return {
    count: kept.length,
    at: (position) => kept[position],
    positionOf: (key, reverse) =>
      fromStart(kept.filter(([other]) => other < `${prefix}${key}`).length, kept.length, reverse),
  };
}

function fromStart(rank: number, count: number, reverse: boolean): number {
  return reverse ? Math.max(0, count - 1 - rank) : rank;
}

function textOf(key: Uint8Array): string {
  try {
    return utf8Decode(key);
  } catch {
    throw sdkRefusal("invalidRequest", "the pagination key is none of this ledger's");
  }
}
