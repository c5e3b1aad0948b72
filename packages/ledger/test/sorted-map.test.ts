import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SortedMap } from "../src/domain/sorted-map.ts";

const key = fc.string({ unit: fc.constantFrom("0", "1", "2", "a", "b", "/"), maxLength: 5 });
const steps = fc.array(fc.record({ key, value: fc.option(fc.nat(), { nil: undefined }) }), { maxLength: 200 });

function build(given: readonly { key: string; value: number | undefined }[]) {
  const expected = new Map<string, number>();
  let map = SortedMap.empty<number>();
  for (const { key, value } of given) {
    if (value === undefined) {
      map = map.delete(key);
      expected.delete(key);
    } else {
      map = map.set(key, value);
      expected.set(key, value);
    }
  }
  return { map, expected: [...expected].sort(([a], [b]) => (a < b ? -1 : 1)) };
}

describe("sorted map", () => {
  it("holds after any writes what a plain map holds, in key order", () => {
    fc.assert(
      fc.property(steps, (given) => {
        const { map, expected } = build(given);
        assert.deepEqual([...map.entries()], expected);
        assert.equal(map.size, expected.length);
      }),
    );
  });

  it("lists, counts and ranks the keys under a prefix", () => {
    fc.assert(
      fc.property(steps, key, (given, prefix) => {
        const { map, expected } = build(given);
        const under = expected.filter(([each]) => each.startsWith(prefix));
        assert.deepEqual([...map.entries(prefix)], under);
        assert.deepEqual([...map.entries(prefix, true)], under.toReversed());
        assert.equal(map.count(prefix), under.length);
        assert.equal(map.rank(prefix), expected.filter(([each]) => each < prefix).length);
        assert.deepEqual(
          map.at(map.rank(prefix)),
          expected.find(([each]) => each >= prefix),
        );
      }),
    );
  });

  it("leaves the map it was written from as it was", () => {
    fc.assert(
      fc.property(steps, steps, (first, second) => {
        const { map, expected } = build(first);
        let later = map;
        for (const { key, value } of second) later = value === undefined ? later.delete(key) : later.set(key, value);
        assert.deepEqual([...map.entries()], expected);
      }),
    );
  });

  it("is built from sorted entries", () => {
    fc.assert(
      fc.property(steps, (given) => {
        const { expected } = build(given);
        assert.deepEqual([...SortedMap.fromSorted(expected).entries()], expected);
      }),
    );
  });

  it("stays balanced under ascending keys", () => {
    let map = SortedMap.empty<number>();
    for (let index = 0; index < 50_000; index++) map = map.set(index.toString().padStart(6, "0"), index);
    assert.equal(map.size, 50_000);
    assert.equal(map.get("031415"), 31_415);
    assert.deepEqual(map.at(49_999), ["049999", 49_999]);
  });
});
