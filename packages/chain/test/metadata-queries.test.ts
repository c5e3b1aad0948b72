import assert from "node:assert/strict";
import { it } from "node:test";
import { type AccountAddress, scopeAddress } from "@p8e/core";
import { MetadataQueries } from "../src/queries/metadata-queries.ts";

const uuid = "00000000-0000-4000-8000-000000000001";

/** A node that answers the questions for a list by these pages, and then by the last of them for ever. */
function pages(...keys: readonly (readonly number[])[]) {
  let asked = 0;
  const node = {
    ask: (call: (options: object) => unknown) => call({}),
    metadata: {
      async ownership() {
        const nextKey = Uint8Array.from(keys[Math.min(asked++, keys.length - 1)]!);
        return { scopeUuids: [uuid], pagination: { nextKey } };
      },
    },
  };
  return { queries: new MetadataQueries(node as never), asked: () => asked };
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

it("a list of scopes is followed to its end, and one that has none is an error and no list", async () => {
  const owner = "tp1x" as AccountAddress;
  const whole = pages([1], [2], []);
  assert.deepEqual(await all(whole.queries.scopesOf(owner)), Array(3).fill(scopeAddress(uuid as never)));
  const endless = pages([1], [2]);
  await assert.rejects(all(endless.queries.scopesOf(owner)), {
    code: "rpc.protocol",
    message: "the node's list of scopes does not end",
  });
  assert.equal(endless.asked(), 3);
});
