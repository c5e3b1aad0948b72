import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { expectStatus } from "./expect-status.ts";
import { newHash, newParties, type TestParty } from "./fixtures.ts";
import type { StoreHarness } from "./store-under-test.ts";
import { sharedStore } from "./test-store.ts";

const HEADER = "X-Test-Header";
const REQUEST = { "P8EAPI::TYPE": "FRAGMENT_REQUEST" };
const right = { metadata: { "x-test-header": "test_value" } };
const wrong = { metadata: { "x-test-header": "other_value" } };

/** Who may act for a key, when USER_AUTH_ENABLED. */
export function authorizationSuite(harness: StoreHarness): void {
  describe("with authentication", () => {
    const store = sharedStore(harness, { USER_AUTH_ENABLED: "true" });
    let owner: TestParty;
    let other: TestParty;
    let stranger: TestParty;

    before(async () => {
      [owner, other, stranger] = newParties(3) as [TestParty, TestParty, TestParty];
      await store().client.addKey(owner, { header: HEADER, value: "test_value" });
      await store().client.addKey(other, { header: "X-Other", value: "other_secret" });
    });

    it("an owner puts and gets with the right header", async () => {
      const hash = newHash();
      const answer = await store().client.put({ audience: [owner] }, { hash, ...right });
      assert.notEqual(answer.uuid?.value, answer.dimeUuid?.value);
      assert.equal((await store().client.get(hash, owner, right)).messages.length, 3);
    });

    it("neither a missing nor a wrong header will do", async () => {
      const hash = newHash();
      await store().client.put({ audience: [owner] }, { hash, ...right });
      for (const options of [{}, wrong]) {
        await expectStatus(
          store().client.put({ audience: [owner] }, { hash: newHash(), ...options }),
          "PERMISSION_DENIED",
          "not authorized",
        );
        await expectStatus(store().client.get(hash, owner, options), "PERMISSION_DENIED", "not authorized");
      }
    });

    it("a key that nobody registered, one of another store, and one without a credential are refused", async () => {
      const [remote, bare] = newParties(2) as [TestParty, TestParty];
      await store().client.addKey(remote, { url: "tcp://127.0.0.1:1", header: HEADER, value: "test_value" });
      await store().client.addKey(bare);
      for (const [party, message] of [
        [stranger, `unknown public key ${stranger.text}`],
        [remote, `remote public key ${remote.text} - fetch on its own instance`],
        [bare, "auth_type not configured"],
      ] as const) {
        await expectStatus(store().client.get(newHash(), party, right), "PERMISSION_DENIED", message);
      }
      await expectStatus(
        store().client.put({ audience: [remote] }, { hash: newHash(), ...right }),
        "PERMISSION_DENIED",
        `remote public key ${remote.text} - use the replicate route`,
      );
    });

    it("a container without an owner is refused as such", async () => {
      await expectStatus(
        store().client.put({ audience: [owner], owner: null }, { hash: newHash(), ...right }),
        "INVALID_ARGUMENT",
        "Invalid Dime proto - owner",
      );
    });

    it("mail is handed out and acknowledged with the reader's own header only", async () => {
      const own = { metadata: { "x-other": "other_secret" } };
      await store().client.put({ audience: [owner, other], metadata: REQUEST }, { hash: newHash(), ...right });
      for (const options of [{}, right]) {
        await expectStatus(store().client.mail(other, 10, options), "PERMISSION_DENIED", "not authorized");
      }
      const [mail] = await store().client.mail(other, 10, own);
      for (const options of [{}, right]) {
        const call = store().client.acknowledge(mail!.uuid!.value, other, options);
        await expectStatus(call, "PERMISSION_DENIED", "not authorized");
      }
      await expectStatus(
        store().client.acknowledge(mail!.uuid!.value, undefined, own),
        "PERMISSION_DENIED",
        "auth is enabled, but a public_key wasn't sent",
      );
      await store().client.acknowledge(mail!.uuid!.value, other, own);
      assert.deepEqual(await store().client.mail(other, 10, own), []);
    });
  });
}
