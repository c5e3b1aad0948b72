import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import { hexEncode, networks } from "@p8e/core";
import { accountAddress, generatePrivateKey, localKey, privateKeyToProto, systemRandom } from "@p8e/crypto";
import { freePort } from "@p8e/machine";
import { ObjectClient } from "@p8e/object-client";
import { eventually } from "@p8e/testkit";
import { openMailStore } from "./support/mail-store.ts";
import { TextMail, writeLetter } from "./support/text-mail.ts";

const PER_THREAD = 40;
const BAD = 20;
const KILLS = 8;

describe("a mailbox loop whose process is killed", { timeout: 300_000 }, () => {
  it("takes every letter in once, in the order of its thread, and sets every bad one aside", async (test) => {
    await using mail = await openMailStore(await freePort());
    await using store = new ObjectClient({ url: mail.url, patienceMs: 20_000 });
    const [own, partner, stranger] = [0, 1, 2].map(() => generatePrivateKey(systemRandom));
    const [key, from, other] = [localKey(own!), localKey(partner!), localKey(stranger!)];
    const path = join(mail.folder, "effects.sqlite");
    const partnerAddress = accountAddress(from.publicKey, networks.local.accountPrefix);
    const work = { url: mail.url, path, keyHex: hexEncode(privateKeyToProto(own!)), partner: partnerAddress };
    const write = async () => {
      for (let number = 0; number < PER_THREAD; number++) {
        for (const thread of ["a", "b"]) await writeLetter(store, from, key, `${thread} ${number}`);
        if (number < BAD) {
          await writeLetter(store, number % 2 === 0 ? other : from, key, `of no kind, ${number}`);
        }
      }
    };
    const writing = write();
    const file = new URL("support/mailbox-loop-process.ts", import.meta.url);
    const start = (failing: boolean) => {
      const child = fork(file, [JSON.stringify({ ...work, failing })], { execArgv: [] });
      return { child, ended: once(child, "exit") };
    };
    for (let kill = 0; kill < KILLS; kill++) {
      const { child, ended } = start(kill % 3 === 0);
      const began = await Promise.race([once(child, "message"), ended.then(() => "ended")]);
      assert.notEqual(began, "ended", "the process did not begin");
      const afterMs = randomInt(0, 250);
      test.diagnostic(`killed ${afterMs} ms after it began`);
      setTimeout(() => child.kill("SIGKILL"), afterMs);
      await ended;
    }
    await writing;
    const { child, ended } = start(false);
    try {
      const left = async () => (await store.mail(key, { limit: 500 })).length;
      await eventually("nothing left", left, (count) => count === 0, { limitMs: 120_000 });
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
    using handler = new TextMail(path, key, []);
    for (const thread of ["a", "b"]) {
      const numbers = handler.effects.filter((each) => each.thread === thread).map(({ number }) => number);
      assert.deepEqual(
        numbers,
        Array.from({ length: PER_THREAD }, (_, number) => number),
      );
    }
    const reasons = (await handler.quarantine.list()).map(({ reason }) => reason).sort();
    assert.deepEqual(reasons, [
      ...Array.from({ length: BAD / 2 }, () => "stranger"),
      ...Array.from({ length: BAD / 2 }, () => "unusable"),
    ]);
  });
});
