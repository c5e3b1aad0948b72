import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type AccountAddress, networks, systemClock } from "@p8e/core";
import { accountAddress, generatePrivateKey, type KeyReference, localKey, systemRandom } from "@p8e/crypto";
import { freePort } from "@p8e/machine";
import { ObjectClient } from "@p8e/object-client";
import { type MailNews, mailboxLoop } from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import { type MailStore, openMailStore } from "./support/mail-store.ts";
import { type Said, TextMail, writeLetter } from "./support/text-mail.ts";

const prefix = networks.local.accountPrefix;
const newKey = () => localKey(generatePrivateKey(systemRandom));
const addressOf = (key: KeyReference): AccountAddress => accountAddress(key.publicKey, prefix);
const pace = { soonestMs: 20, latestMs: 100 };

describe("the mailbox loop", () => {
  let mailStore: MailStore;
  let store: ObjectClient;
  let count = 0;
  before(async () => {
    mailStore = await openMailStore(await freePort());
    store = new ObjectClient({ url: mailStore.url, patienceMs: 20_000 });
  });
  after(async () => {
    await store[Symbol.asyncDispose]();
    await mailStore[Symbol.asyncDispose]();
  });

  /** A loop of its own key; what it tells is collected. */
  function begin({ partner = newKey(), key = newKey(), path = join(mailStore.folder, `${++count}.sqlite`) } = {}) {
    const handler = new TextMail(path, key, [addressOf(partner)]);
    const stop = new AbortController();
    const news: MailNews<Said | "repeated">[] = [];
    const impatient = new ObjectClient({ url: mailStore.url, patienceMs: 10 });
    const running = (async () => {
      const parts = {
        store: impatient,
        key,
        prefix,
        handler,
        quarantine: handler.quarantine,
        clock: systemClock,
        pace,
      };
      for await (const each of mailboxLoop(parts, { signal: stop.signal })) news.push(each);
    })();
    running.catch(() => {}); // end() tells
    const kinds = () => news.map(({ kind }) => kind);
    let ended: Promise<void> | undefined;
    const close = async () => {
      stop.abort();
      try {
        await running;
      } finally {
        handler[Symbol.dispose]();
        await impatient[Symbol.asyncDispose]();
      }
    };
    const end = () => {
      ended ??= close();
      return ended;
    };
    const effects = (number: number) =>
      eventually(
        "effects",
        async () => handler.effects.length,
        (length) => length >= number,
      );
    /** What was done is acknowledged a moment later. */
    const left = (number: number) =>
      eventually(
        "letters left",
        async () => (await store.mail(key, { limit: 500 })).length,
        (length) => length === number,
      );
    return { left, partner, key, path, handler, news, kinds, end, effects, [Symbol.asyncDispose]: end };
  }

  it("takes in what is there and what comes, in order, and leaves nothing at the store", async () => {
    const [partner, key] = [newKey(), newKey()];
    for (const number of [1, 2]) await writeLetter(store, partner, key, `a ${number}`);
    await using loop = begin({ partner, key });
    await loop.effects(2);
    for (const number of [3, 4]) await writeLetter(store, partner, key, `a ${number}`);
    await loop.effects(4);
    assert.deepEqual(
      loop.handler.effects.map(({ number }) => number),
      [1, 2, 3, 4],
    );
    await loop.left(0);
    await loop.end();
    assert.deepEqual(new Set(loop.kinds()), new Set(["received"]));
  });

  it("sets bad letters aside, each with its reason, and opens none of a stranger", async () => {
    const [partner, stranger, key] = [newKey(), newKey(), newKey()];
    await writeLetter(store, partner, key, "no letter of ours");
    for (let number = 0; number < 5; number++) await writeLetter(store, stranger, key, `a ${number}`);
    await writeLetter(store, partner, key, "a 1");
    await using loop = begin({ partner, key });
    await loop.effects(1);
    await loop.left(0);
    assert.equal(loop.handler.opened, 2);
    await loop.end();
    using again = new TextMail(loop.path, key, []);
    const rows = await again.quarantine.list();
    assert.deepEqual(
      rows.map(({ reason, code, sender }) => [reason, code, sender]),
      [
        ["unusable", "envelope.malformed", addressOf(partner)],
        ...Array.from({ length: 5 }, () => ["stranger", "key.unavailable", addressOf(stranger)]),
      ],
    );
    assert.equal(rows[0]?.message, "it says nothing");
  });

  it("holds up only what follows a letter that cannot be taken in yet", async () => {
    await using loop = begin();
    const { partner, key, handler } = loop;
    handler.failing.add("b");
    for (const text of ["b 1", "a 1", "b 2", "a 2", "c 1", "b 3"]) await writeLetter(store, partner, key, text);
    await loop.effects(3);
    const inOrder = (thread: string) =>
      handler.effects.filter((each) => each.thread === thread).map(({ number }) => number);
    assert.deepEqual([inOrder("a"), inOrder("b"), inOrder("c")], [[1, 2], [], [1]]);
    handler.failing.delete("b");
    await loop.effects(6);
    assert.deepEqual(inOrder("b"), [1, 2, 3]);
    await loop.left(0);
    await loop.end();
    assert.ok(loop.kinds().includes("held"));
  });

  it("reaches what lies behind more letters that wait than one fetch brings", async () => {
    await using loop = begin();
    const { partner, key, handler } = loop;
    handler.failing.add("b");
    await Promise.all(Array.from({ length: 120 }, (_, index) => writeLetter(store, partner, key, `b ${index}`)));
    await writeLetter(store, partner, key, "a 1");
    await loop.effects(1);
    assert.deepEqual(handler.effects, [{ thread: "a", number: 1 }]);
    await loop.left(120);
    await loop.end();
  });

  it("does nothing twice when it is stopped anywhere and goes on later, or two work at once", async () => {
    await using first = begin();
    const { partner, key, path } = first;
    const total = 60;
    const writing = (async () => {
      for (let number = 0; number < total; number++) await writeLetter(store, partner, key, `a ${number}`);
    })();
    await first.effects(5);
    await first.end();
    await using second = begin({ partner, key, path });
    await using third = begin({ partner, key, path });
    await second.effects(20);
    await second.end();
    await writing;
    await third.effects(total);
    assert.deepEqual(
      third.handler.effects.map(({ number }) => number).sort((one, other) => one - other),
      Array.from({ length: total }, (_, number) => number),
    );
    await third.left(0);
    await third.end();
  });

  it("says that the store is away and that it is back, and goes on", async () => {
    await using loop = begin();
    const { partner, key } = loop;
    await writeLetter(store, partner, key, "a 1");
    await loop.effects(1);
    await mailStore.stop();
    await eventually(
      "away",
      async () => loop.kinds(),
      (kinds) => kinds.includes("store-away"),
    );
    await mailStore.start();
    await writeLetter(store, partner, key, "a 2");
    await loop.effects(2);
    assert.deepEqual(
      loop.kinds().filter((kind) => kind.startsWith("store")),
      ["store-away", "store-back"],
    );
    await loop.end();
  });
});
