import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { P8eError } from "@p8e/core";
import { MailWatches } from "../src/mailbox/mail-watches.ts";

const place = (key: string, connection = "one") => ({ key, connection });

describe("who watches for mail", () => {
  it("is woken at the beginning, and then for the own key only", async () => {
    const watches = new MailWatches();
    using mine = watches.open(place("mine"));
    using other = watches.open(place("other"));
    assert.equal(await mine.next(), true);
    assert.equal(await other.next(), true);
    let otherWoken = false;
    void other.next().then(() => (otherWoken = true));
    watches.wake(["mine", "nobody's"]);
    assert.equal(await mine.next(), true);
    assert.equal(otherWoken, false);
    watches.wakeAll();
    assert.equal(await mine.next(), true);
  });

  it("is woken once for whatever came while it was busy", async () => {
    const watches = new MailWatches();
    using watch = watches.open(place("k"));
    for (let index = 0; index < 1000; index++) watches.wake(["k"]);
    assert.equal(await watch.next(), true);
    const next = watch.next();
    watch.end();
    assert.equal(await next, false);
  });

  it("is refused beyond the limits of key, connection and process, and let in when a place is free again", () => {
    const watches = new MailWatches({ perKey: 2, perConnection: 3, all: 4 });
    const refused = (text: RegExp) => (error: unknown) =>
      error instanceof P8eError && error.code === "rpc.exhausted" && text.test(error.message);
    const open = [watches.open(place("a")), watches.open(place("a"))];
    assert.throws(() => watches.open(place("a", "two")), refused(/this key's mailbox/));
    open.push(watches.open(place("b")));
    assert.throws(() => watches.open(place("c")), refused(/over this connection/));
    open.push(watches.open(place("c", "two")));
    assert.throws(() => watches.open(place("d", "three")), refused(/watched here/));
    open[0]![Symbol.dispose]();
    open[0]![Symbol.dispose]();
    assert.equal(watches.count, 3);
    open.push(watches.open(place("a")));
    for (const watch of open) watch[Symbol.dispose]();
    assert.equal(watches.count, 0);
  });

  it("is told when the store stops, and none begins after it", async () => {
    const watches = new MailWatches();
    using watch = watches.open(place("k"));
    assert.equal(await watch.next(), true);
    const next = watch.next();
    watches.close();
    await assert.rejects(next, { code: "rpc.unavailable" });
    assert.throws(() => watches.open(place("k")), { code: "rpc.unavailable" });
  });
});
