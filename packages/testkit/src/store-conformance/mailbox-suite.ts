import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as objectStore from "@p8e/proto/object-store";
import { expectStatus } from "./expect-status.ts";
import { newHash, newParties, patternBytes, SIGNATURE, SIGNATURE_PUBLIC_KEY, storedForm } from "./fixtures.ts";
import type { StoreHarness } from "./store-under-test.ts";
import { sharedStore, TestStore } from "./test-store.ts";

const type = (value: string) => ({ "P8EAPI::TYPE": value });

/** Mail: objects with a type that the store understands. */
export function mailboxSuite(harness: StoreHarness): void {
  describe("MailboxService", () => {
    const store = sharedStore(harness);

    it("delivers a request, its response and an error to everybody but their senders, until acknowledged", async () => {
      const parties = newParties(3);
      for (const [sender, mailType] of ["FRAGMENT_REQUEST", "FRAGMENT_RESPONSE", "ERROR_RESPONSE"].entries()) {
        const audience = [parties[sender]!, ...parties.toSpliced(sender, 1)];
        const options = { audience, metadata: type(mailType), payload: patternBytes(100, sender + 1) };
        await store().client.put(options, { hash: newHash() });
        for (const [index, party] of parties.entries()) {
          const mails = await store().client.mail(party);
          assert.equal(mails.length, index === sender ? 0 : 1);
          for (const mail of mails) {
            assert.deepEqual(new Uint8Array(mail.data), storedForm(options, SIGNATURE, SIGNATURE_PUBLIC_KEY));
            await store().client.acknowledge(mail.uuid!.value);
          }
          assert.deepEqual(await store().client.mail(party), []);
        }
      }
    });

    it("names mail by an id of its own, not by its object's", async () => {
      const [sender, receiver] = newParties(2);
      const options = { audience: [sender!, receiver!], metadata: type("FRAGMENT_REQUEST") };
      const answer = await store().client.put(options, { hash: newHash() });
      const [mail] = await store().client.mail(receiver!);
      assert.match(mail!.uuid!.value, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.notEqual(mail!.uuid!.value, answer.uuid!.value);
    });

    it("delivers one mail of many identical puts, whatever type the later ones claim", async () => {
      const [sender, receiver] = newParties(2);
      const hash = newHash();
      for (let index = 0; index < 20; index++) {
        const metadata = type(index < 10 ? "FRAGMENT_REQUEST" : "ERROR_RESPONSE");
        await store().client.put({ audience: [sender!, receiver!], metadata }, { hash });
      }
      assert.equal((await store().client.mail(receiver!)).length, 1);
    });

    it("delivers twenty different mails in one call, and none after they are acknowledged", async () => {
      const [sender, receiver] = newParties(2);
      for (let index = 0; index < 20; index++) {
        const metadata = type(index < 10 ? "FRAGMENT_REQUEST" : "ERROR_RESPONSE");
        await store().client.put({ audience: [sender!, receiver!], metadata }, { hash: newHash() });
      }
      const mails = await store().client.mail(receiver!, 50);
      assert.equal(mails.length, 20);
      for (const mail of mails) await store().client.acknowledge(mail.uuid!.value);
      assert.deepEqual(await store().client.mail(receiver!, 50), []);
    });

    it("hands out as many as are asked for, and none when nothing is said", async () => {
      const [sender, receiver] = newParties(2);
      for (let index = 0; index < 3; index++) {
        await store().client.put(
          { audience: [sender!, receiver!], metadata: type("FRAGMENT_REQUEST") },
          { hash: newHash() },
        );
      }
      assert.equal((await store().client.mail(receiver!, 2)).length, 2);
      assert.equal((await store().client.mail(receiver!, 0)).length, 0);
      assert.equal((await store().client.mail(receiver!, 10)).length, 3);
    });

    it("acknowledges with the reader's key only the reader's mail, and does not mind what it does not find", async () => {
      const [sender, receiver] = newParties(2);
      await store().client.put(
        { audience: [sender!, receiver!], metadata: type("FRAGMENT_REQUEST") },
        { hash: newHash() },
      );
      const [mail] = await store().client.mail(receiver!);
      await store().client.acknowledge(mail!.uuid!.value, sender!);
      assert.equal((await store().client.mail(receiver!)).length, 1);
      await store().client.acknowledge(mail!.uuid!.value, receiver!);
      await store().client.acknowledge(mail!.uuid!.value, receiver!);
      await store().client.acknowledge(crypto.randomUUID());
      assert.deepEqual(await store().client.mail(receiver!), []);
    });

    it("refuses an acknowledgement without an id, or with one that is none", async () => {
      const { ack } = objectStore.MailboxService.method;
      await expectStatus(store().client.rpc.unary(ack, {}), "INVALID_ARGUMENT", "must specify uuid");
      await expectStatus(store().client.acknowledge("not-a-uuid"), "INVALID_ARGUMENT");
    });

    it("acknowledges nothing in maintenance, and still hands out mail", async () => {
      await using own = await TestStore.open(harness);
      const [sender, receiver] = newParties(2);
      await own.client.put({ audience: [sender!, receiver!], metadata: type("FRAGMENT_REQUEST") }, { hash: newHash() });
      await own.client.setMaintenance(true);
      const [mail] = await own.client.mail(receiver!);
      await expectStatus(own.client.acknowledge(mail!.uuid!.value), "UNAVAILABLE", "Service is in maintenance mode");
    });
  });
}
