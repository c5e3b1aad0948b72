import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isP8eError } from "@p8e/core";
import { parseContainer, rewriteSignatures } from "@p8e/envelope";
import {
  buildContainer,
  newHash,
  newParties,
  patternBytes,
  SIGNATURE,
  SIGNATURE_PUBLIC_KEY,
  TestStore,
} from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";
import { seeded } from "./support/kill-round.ts";

const harness = new LocalHarness();
let store: TestStore;
before(async () => {
  store = await TestStore.open(harness);
});
after(() => store?.[Symbol.asyncDispose]());

const MUTATIONS = 400;

/** One change to some bytes: a flipped bit, a byte of another value, a piece cut out, put in or left off. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const at = Math.floor(random() * bytes.length);
  const length = 1 + Math.floor(random() * 8);
  const noise = patternBytes(length, 1 + Math.floor(random() * 1e6));
  switch (Math.floor(random() * 5)) {
    case 0:
      return bytes.map((byte, index) => (index === at ? byte ^ (1 << Math.floor(random() * 8)) : byte));
    case 1:
      return bytes.map((byte, index) => (index === at ? noise[0]! : byte));
    case 2:
      return new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]));
    case 3:
      return new Uint8Array(Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]));
    default:
      return bytes.subarray(0, at);
  }
}

describe("a changed container", () => {
  for (const seed of [11, 12, 13, Math.floor(Math.random() * 2 ** 31)]) {
    it(`is refused with a typed error, or stored exactly as it came (seed ${seed})`, async () => {
      const random = seeded(seed);
      let [refused, stored] = [0, 0];
      for (let index = 0; index < MUTATIONS / 4; index++) {
        const original = buildContainer({
          audience: newParties(2),
          payload: patternBytes(30, index + 1),
          metadata: index % 3 === 0 ? { "P8EAPI::TYPE": "FRAGMENT_REQUEST" } : { note: "ä" },
        });
        const changed = mutate(original, random);
        try {
          const answer = await store.client.put(changed, { hash: newHash() });
          const row = await store.database.object(answer.uuid!.value);
          const { header, payload } = parseContainer(changed);
          const entry = { signature: SIGNATURE, publicKey: SIGNATURE_PUBLIC_KEY };
          const expected = Buffer.concat([rewriteSignatures(header, entry), payload]);
          assert.ok(expected.equals(row!.payload!), `seed ${seed}, mutation ${index}`);
          stored++;
        } catch (error) {
          if (!isP8eError(error)) throw error;
          const status = String(error.facts.grpcStatus);
          assert.match(
            status,
            /^(INVALID_ARGUMENT|RESOURCE_EXHAUSTED|INTERNAL)$/,
            `${seed}/${index}: ${error.message}`,
          );
          // INTERNAL is what a text that no database column can hold is answered with, here and in the reference.
          if (status === "INTERNAL") assert.equal(error.code, "store.database", error.message);
          refused++;
        }
      }
      assert.ok(refused > 0 && stored > 0);
    });
  }
});
