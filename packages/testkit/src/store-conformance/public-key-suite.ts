import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as objectStore from "@p8e/proto/object-store";
import { expectStatus } from "./expect-status.ts";
import { newParty } from "./fixtures.ts";
import type { StoreHarness } from "./store-under-test.ts";
import { sharedStore, TestStore } from "./test-store.ts";

const { add } = objectStore.PublicKeyService.method;

/** Registration of keys. */
export function publicKeySuite(harness: StoreHarness): void {
  describe("PublicKeyService.Add", () => {
    const store = sharedStore(harness);

    it("refuses a URL without a scheme, in the words of the URL parser", async () => {
      await expectStatus(
        store().client.rpc.unary(add, {
          publicKey: { key: { case: "secp256k1", value: new Uint8Array(0) } },
          url: "invalidurl.com",
        }),
        "INVALID_ARGUMENT",
        "Unable to parse url invalidurl.com - RelativeUrlWithoutBase",
      );
    });

    it("takes an empty URL and answers with the key and both timestamps", async () => {
      const party = newParty();
      const answer = await store().client.addKey(party);
      assert.deepEqual(new Uint8Array(answer.publicKey?.key.value ?? []), party.raw);
      assert.equal(answer.url, "");
      assert.equal(answer.metadata, undefined);
      assert.equal(answer.impl.case, undefined);
      assert.ok(answer.createdAt && answer.updatedAt);
    });

    it("refuses a request without a key, or with a key of no type", async () => {
      const { rpc } = store().client;
      await expectStatus(rpc.unary(add, {}), "INVALID_ARGUMENT", "must specify public key");
      await expectStatus(rpc.unary(add, { publicKey: {} }), "INVALID_ARGUMENT", "must specify key type");
    });

    it("refuses a blank credential header or value", async () => {
      const party = newParty();
      await expectStatus(
        store().client.addKey(party, { header: "  ", value: "custom_value" }),
        "INVALID_ARGUMENT",
        "must specify non empty auth header",
      );
      await expectStatus(
        store().client.addKey(party, { header: "X-Custom-Header", value: " " }),
        "INVALID_ARGUMENT",
        "must specify non empty auth value",
      );
    });

    it("keeps the uuid and replaces the URL when a key is added again", async () => {
      const party = newParty();
      const first = await store().client.addKey(party, { url: "http://test.com" });
      const second = await store().client.addKey(party, { url: "http://test2.com" });
      assert.equal(second.uuid?.value, first.uuid?.value);
      assert.equal(second.url, "http://test2.com");
      assert.deepEqual(second.createdAt, first.createdAt);
    });

    it("lowers the header's case, and keeps its value and the URL as they are", async () => {
      const answer = await store().client.addKey(newParty(), {
        url: "http://test.com",
        header: "X-Custom-Header",
        value: "Custom:Value",
      });
      assert.equal(answer.url, "http://test.com");
      assert.equal(answer.metadata, undefined);
      assert.equal(answer.impl.case, "headerAuth");
      assert.equal(answer.impl.value?.header, "x-custom-header");
      assert.equal(answer.impl.value?.value, "Custom:Value");
    });

    it("clears the credential when the key is added again without one", async () => {
      const party = newParty();
      await store().client.addKey(party, { header: "x-a", value: "b" });
      const answer = await store().client.addKey(party);
      assert.equal(answer.impl.case, undefined);
    });

    it("gives metadata back as it came", async () => {
      const metadata = { typeUrl: "type.googleapis.com/example.Thing", value: Uint8Array.of(10, 1, 65) };
      const answer = await store().client.rpc.unary(add, {
        publicKey: { key: { case: "secp256k1", value: newParty().raw } },
        metadata,
      });
      assert.equal(answer.metadata?.typeUrl, metadata.typeUrl);
      assert.deepEqual(new Uint8Array(answer.metadata?.value ?? []), metadata.value);
    });

    it("keeps one row for a key, under its base64 text", async () => {
      const party = newParty();
      await store().client.addKey(party);
      await store().client.addKey(party, { url: "http://elsewhere.example" });
      const rows = await store().database.rows("SELECT url FROM public_key WHERE public_key = $1", [party.text]);
      assert.deepEqual(rows, [{ url: "http://elsewhere.example" }]);
    });

    it("accepts nothing in maintenance", async () => {
      await using own = await TestStore.open(harness, { MAINTENANCE_STATE: "true" });
      await expectStatus(own.client.addKey(newParty()), "UNAVAILABLE", "Service is in maintenance mode");
    });
  });
}
