import { create } from "@bufbuild/protobuf";
import { utf8Decode, utf8Encode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { sdkRefusal } from "../domain/refusal.ts";
import type { SortedMap } from "../domain/sorted-map.ts";

export interface Page<V> {
  readonly items: readonly (readonly [string, V])[];
  readonly pagination: cosmos.query.PageResponse;
}

const DEFAULT_LIMIT = 100n;
const LIMIT_MAX = 10_000n;

/**
 * One page of the entries whose key starts with `prefix`, in key order. Without a limit it has 100 and counts all.
 * The next page's key is ours to read and the client's to hand back.
 * @throws Refusal `sdk/18` when offset and key are both given
 */
export function paginate<V>(map: SortedMap<V>, prefix: string, request: cosmos.query.PageRequest | undefined): Page<V> {
  const { key, offset, limit, countTotal, reverse } = request ?? create(cosmos.query.PageRequestSchema);
  if (offset > 0n && key.length > 0) {
    throw sdkRefusal("invalidRequest", "invalid request, either offset or key is expected, got both");
  }
  const wanted = limit === 0n ? DEFAULT_LIMIT : limit > LIMIT_MAX ? LIMIT_MAX : limit;
  const total = map.count(prefix);
  const first = map.rank(prefix);
  let position = key.length > 0 ? startOf(map, prefix, key, first, total, reverse) : clamp(offset, total);
  const items: (readonly [string, V])[] = [];
  for (; position < total && items.length < Number(wanted); position++) {
    const entry = map.at(first + (reverse ? total - 1 - position : position));
    if (entry !== undefined) items.push(entry);
  }
  const next = position < total ? map.at(first + (reverse ? total - 1 - position : position)) : undefined;
  const counts = (countTotal || limit === 0n) && key.length === 0;
  return {
    items,
    pagination: create(cosmos.query.PageResponseSchema, {
      nextKey: next === undefined ? new Uint8Array(0) : utf8Encode(next[0].slice(prefix.length)),
      total: counts ? BigInt(total) : 0n,
    }),
  };
}

function startOf<V>(
  map: SortedMap<V>,
  prefix: string,
  key: Uint8Array,
  first: number,
  total: number,
  reverse: boolean,
): number {
  let text: string;
  try {
    text = utf8Decode(key);
  } catch {
    throw sdkRefusal("invalidRequest", "the pagination key is none of this ledger's");
  }
  const rank = map.rank(`${prefix}${text}`) - first;
  return reverse ? Math.max(0, total - 1 - rank) : rank;
}

function clamp(offset: bigint, total: number): number {
  return offset > BigInt(total) ? total : Number(offset);
}
