import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { base64Encode, utf8Encode } from "@p8e/core";
import { expectStatus } from "./expect-status.ts";
import {
  CONTAINER_UUID,
  newHash,
  newParties,
  newParty,
  patternBytes,
  SIGNATURE,
  SIGNATURE_PUBLIC_KEY,
  storedForm,
} from "./fixtures.ts";
import type { StoreHarness } from "./store-under-test.ts";
import { sharedStore, TestStore } from "./test-store.ts";

const NOT_STORAGE_BACKED = "NOT_STORAGE_BACKED";
const REQUEST = { "P8EAPI::TYPE": "FRAGMENT_REQUEST" };

/** Putting objects and getting them back. */
export function objectSuite(harness: StoreHarness): void {
  describe("ObjectService", () => {
    const store = sharedStore(harness, { URI_HOST: "store.example" });

    it("keeps a small object in the database and answers with what it is", async () => {
      const [owner] = newParties(1);
      const hash = newHash();
      const options = { audience: [owner!], payload: utf8Encode("testing small payload") };
      const answer = await store().client.put(options, { hash, contentLength: 21n });
      assert.equal(answer.name, NOT_STORAGE_BACKED);
      assert.equal(answer.bucket, store().bucket);
      assert.equal(answer.uri, `object://store.example/${base64Encode(hash)}`);
      assert.deepEqual(new Uint8Array(answer.hash), hash);
      assert.equal(answer.dimeUuid?.value, CONTAINER_UUID);
      assert.notEqual(answer.uuid?.value, CONTAINER_UUID);
      assert.equal(answer.metadata?.contentLength, 21n);
      assert.equal(Number(answer.metadata?.length), storedForm(options, SIGNATURE, SIGNATURE_PUBLIC_KEY).length);
      assert.equal(answer.metadata?.sha512.length, 0);
      assert.ok(answer.created && answer.created.seconds > 0n);
    });

    it("keeps the properties in order of arrival, each as an array of byte numbers", async () => {
      const hash = newHash();
      const answer = await store().client.put({ audience: newParties(1) }, { hash });
      const row = await store().database.object(answer.uuid!.value);
      const text = (bytes: Uint8Array) => `[${bytes.join(",")}]`;
      assert.equal(
        row?.properties,
        `{"HASH":${text(hash)},"SIGNATURE":${text(SIGNATURE)},"SIGNATURE_PUBLIC_KEY":${text(SIGNATURE_PUBLIC_KEY)}}`,
      );
    });

    it("moves a repeated property to the end, and keeps names that look like numbers in their place", async () => {
      const hash = newHash();
      const properties = [
        ["zz", Uint8Array.of(1)],
        ["7", Uint8Array.of(2)],
        ["__proto__", Uint8Array.of()],
      ] as const;
      const answer = await store().client.put({ audience: newParties(1) }, { hash, properties });
      const row = await store().database.object(answer.uuid!.value);
      assert.match(row!.properties!, /"zz":\[1\],"7":\[2\],"__proto__":\[\]\}$/);
    });

    it("keeps a larger object in a file named by its uuid, and gives it back", async () => {
      const [owner] = newParties(1);
      const hash = newHash();
      const options = { audience: [owner!], payload: patternBytes(5750) };
      const answer = await store().client.put(options, { hash, chunkBytes: 100 });
      assert.equal(answer.name, answer.uuid?.value);
      const row = await store().database.object(answer.uuid!.value);
      assert.match(row!.directory, /^\d{8}$/);
      assert.equal(row!.payload, null);
      const got = await store().client.get(hash, owner!);
      assert.deepEqual(got.data, storedForm(options, SIGNATURE, SIGNATURE_PUBLIC_KEY));
    });

    it("decides by the stored length, strictly above the threshold", async () => {
      const [owner] = newParties(1);
      const empty = storedForm({ audience: [owner!], payload: new Uint8Array(0) }, SIGNATURE, SIGNATURE_PUBLIC_KEY);
      const room = 5000 - empty.length;
      const at = await store().client.put(
        { audience: [owner!], payload: patternBytes(room) },
        { hash: newHash(), chunkBytes: 2000 },
      );
      const above = await store().client.put(
        { audience: [owner!], payload: patternBytes(room + 1) },
        { hash: newHash(), chunkBytes: 2000 },
      );
      assert.equal(at.metadata?.length, 5000n);
      assert.equal(at.name, NOT_STORAGE_BACKED);
      assert.equal(above.metadata?.length, 5001n);
      assert.equal(above.name, above.uuid?.value);
    });

    it("writes one key row for each of the audience, and mail for nobody when it is no mail", async () => {
      const answer = await store().client.put({ audience: newParties(3) }, { hash: newHash() });
      assert.equal(await store().database.keyRowsOf(answer.uuid!.value), 3);
      assert.equal(await store().database.mailRowsOf(answer.uuid!.value), 0);
    });

    for (const [size, length] of [
      ["small", 21],
      ["large", 5750],
    ] as const) {
      it(`keeps ${size} mail in the database, with mail for everybody but the owner`, async () => {
        const options = { audience: newParties(3), metadata: REQUEST, payload: patternBytes(length) };
        const answer = await store().client.put(options, { hash: newHash() });
        assert.equal(answer.name, NOT_STORAGE_BACKED);
        assert.equal(await store().database.keyRowsOf(answer.uuid!.value), 3);
        assert.equal(await store().database.mailRowsOf(answer.uuid!.value), 2);
      });
    }

    it("keeps mail of an unknown type in the database and delivers it to nobody", async () => {
      const options = { audience: newParties(3), metadata: { "P8EAPI::TYPE": "NEWS" }, payload: patternBytes(5750) };
      const answer = await store().client.put(options, { hash: newHash() });
      assert.equal(answer.name, NOT_STORAGE_BACKED);
      assert.equal(await store().database.mailRowsOf(answer.uuid!.value), 0);
    });

    it("sends a header, the data and one end, and no property", async () => {
      const [owner] = newParties(1);
      const hash = newHash();
      const options = { audience: [owner!] };
      await store().client.put(options, { hash, contentLength: -5n });
      const { messages, data } = await store().client.get(hash, owner!);
      assert.equal(messages.length, 3);
      const [first, second, third] = messages.map((message) => message.impl);
      assert.equal(first?.case, "multiStreamHeader");
      assert.equal(first?.case === "multiStreamHeader" && first.value.streamCount, 1);
      assert.deepEqual(first?.case === "multiStreamHeader" && { ...first.value.metadata }, {
        "x-created-by": "00000000-0000-0000-0000-000000000000",
      });
      assert.ok(second?.case === "chunk" && second.value.impl.case === "data");
      assert.equal(second.value.header?.name, "DIME");
      assert.equal(second.value.header?.contentLength, -5n);
      assert.ok(third?.case === "chunk" && third.value.impl.case === "end");
      assert.equal(third.value.header, undefined);
      assert.deepEqual(data, storedForm(options, SIGNATURE, SIGNATURE_PUBLIC_KEY));
    });

    it("sends data in chunks of 2,000,000 bytes, the last one shorter and only the first with a header", async () => {
      const [owner] = newParties(1);
      const hash = newHash();
      const options = { audience: [owner!], payload: patternBytes(4_500_000) };
      await store().client.put(options, { hash, chunkBytes: 1_500_000 });
      const { messages, data } = await store().client.get(hash, owner!);
      const chunks = messages.flatMap(({ impl }) => (impl.case === "chunk" ? [impl.value] : []));
      const lengths = chunks.map(({ impl }) => (impl.case === "data" ? impl.value.length : impl.case));
      assert.deepEqual(lengths, [2_000_000, 2_000_000, data.length - 4_000_000, "end"]);
      assert.deepEqual(
        chunks.map(({ header }) => header?.name),
        ["DIME", undefined, undefined, undefined],
      );
      assert.deepEqual(data, storedForm(options, SIGNATURE, SIGNATURE_PUBLIC_KEY));
    });

    it("takes the end before the properties, as Kotlin clients send it", async () => {
      const [owner] = newParties(1);
      const hash = newHash();
      await store().client.put({ audience: [owner!] }, { hash, endFirst: true });
      const got = await store().client.get(hash, owner!);
      assert.deepEqual(got.data, storedForm({ audience: [owner!] }, SIGNATURE, SIGNATURE_PUBLIC_KEY));
    });

    it("serves an object whose properties are NULL, as rows from before they existed are", async () => {
      const [owner] = newParties(1);
      const hash = newHash();
      const answer = await store().client.put({ audience: [owner!] }, { hash });
      await store().database.rows("UPDATE object SET properties = NULL WHERE uuid = $1", [answer.uuid!.value]);
      assert.equal((await store().client.get(hash, owner!)).messages.length, 3);
    });

    it("lets everybody in the audience read, and nobody else", async () => {
      const [owner, other] = newParties(2);
      const hash = newHash();
      const options = { audience: [owner!, other!] };
      await store().client.put(options, { hash });
      const stored = storedForm(options, SIGNATURE, SIGNATURE_PUBLIC_KEY);
      assert.deepEqual((await store().client.get(hash, other!)).data, stored);
      const stranger = newParty();
      await expectStatus(
        store().client.get(hash, stranger),
        "NOT_FOUND",
        `NotFound("Unable to find object with public key ${stranger.text} and hash ${base64Encode(hash)}")`,
      );
    });

    it("answers NOT_FOUND for an unknown hash", async () => {
      const [owner] = newParties(1);
      await expectStatus(store().client.get(newHash(), owner!), "NOT_FOUND");
    });

    it("does not let an owner read who is not in the audience", async () => {
      const [owner, reader] = newParties(2);
      const hash = newHash();
      await store().client.put({ audience: [reader!], owner: owner! }, { hash });
      await expectStatus(store().client.get(hash, owner!), "NOT_FOUND");
    });

    it("answers a repeated put with the first one's row", async () => {
      const audience = newParties(2);
      const hash = newHash();
      const first = await store().client.put({ audience }, { hash, contentLength: 1n });
      const again = await store().client.put(
        {
          audience: audience.toReversed(),
          owner: audience[0]!,
          payload: patternBytes(9000),
          uuid: crypto.randomUUID(),
        },
        { hash, contentLength: 2n },
      );
      assert.deepEqual(again, first);
      assert.equal(await store().database.keyRowsOf(first.uuid!.value), 2);
    });

    it("makes a new object of the same hash with one more reader", async () => {
      const audience = newParties(2);
      const hash = newHash();
      const first = await store().client.put({ audience: [audience[0]!] }, { hash });
      const second = await store().client.put({ audience }, { hash });
      assert.notEqual(second.uuid?.value, first.uuid?.value);
    });

    it("names an object by its hash and its sorted audience, without repeats", async () => {
      const [first, second] = newParties(2);
      const hash = newHash();
      const answer = await store().client.put({ audience: [second!, first!, second!] }, { hash });
      const row = await store().database.object(answer.uuid!.value);
      const keys = [first!.text, second!.text].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.equal(row?.unique_hash, [base64Encode(hash), ...keys].join(";"));
      assert.equal(await store().database.keyRowsOf(answer.uuid!.value), 2);
    });

    it("takes a hash of no bytes", async () => {
      const [owner] = newParties(1);
      await store().client.put({ audience: [owner!] }, { hash: new Uint8Array(0) });
      assert.equal((await store().client.get(new Uint8Array(0), owner!)).messages.length, 3);
    });

    it("accepts no object in maintenance, and serves those it has", async () => {
      await using own = await TestStore.open(harness);
      const [owner] = newParties(1);
      const hash = newHash();
      await own.client.put({ audience: [owner!] }, { hash });
      await own.client.setMaintenance(true);
      await expectStatus(
        own.client.put({ audience: [owner!] }, { hash: newHash() }),
        "UNAVAILABLE",
        "Service is in maintenance mode",
      );
      assert.equal((await own.client.get(hash, owner!)).messages.length, 3);
    });
  });
}
