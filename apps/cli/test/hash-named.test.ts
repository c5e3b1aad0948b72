import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { type P8eError, parseContentHash } from "@p8e/core";
import { lastNamed, rememberNamed } from "@p8e/party/profile";
import { hashOrBeginning, onlyHash } from "../src/support/hash-named.ts";
import { ownParty } from "./support/own-party.ts";
import { CommandLine } from "./support/p8e.ts";

const ofBytes = (first: number, last: number) =>
  parseContentHash(Buffer.from([first, ...new Array(30).fill(7), last]).toString("base64"));
const [one, other, third] = [ofBytes(1, 1), ofBytes(1, 2), ofBytes(3, 3)];

describe("a hash as a person names it", () => {
  const p8e = new CommandLine({ data: false });
  after(() => p8e[Symbol.asyncDispose]());

  it("is one in full, or at least four of its first characters", () => {
    assert.deepEqual(hashOrBeginning(one), { hash: one });
    assert.deepEqual(hashOrBeginning(one.slice(0, -1)), { hash: one });
    for (const length of [4, 16, 22, 32, 40]) {
      assert.deepEqual(hashOrBeginning(one.slice(0, length)), { beginning: one.slice(0, length) });
    }
    for (const text of ["", "abc", "not-it", "ab cd", "=abcd", "a".repeat(90)]) {
      assert.throws(() => hashOrBeginning(text), { code: "hash.invalid" }, text);
    }
  });

  it("is the only one that begins so; where there are several, all are told", () => {
    assert.equal(onlyHash("Aw", [third, third]), third);
    assert.throws(
      () => onlyHash("AQ", [one, other]),
      (error: P8eError) => {
        assert.equal(error.code, "hash.ambiguous");
        assert.deepEqual(error.facts, { beginning: "AQ", hashes: [one, other].toSorted(), more: false });
        return true;
      },
    );
    assert.throws(() => onlyHash("AQ", []), { code: "object.not_found" });
  });

  it("is found among what was stored from here where the store is known by its URL alone", async () => {
    const party = await ownParty(p8e, "lone", { storeUrl: "grpc://127.0.0.1:9", nodeUrl: "grpc://127.0.0.1:9" });
    const located = { dataDir: p8e.path("lone", ".p8e") };
    await rememberNamed(located, { hash: one });
    await rememberNamed(located, { hash: third });
    await rememberNamed(located, { hash: other });
    assert.deepEqual(await lastNamed(located), { hashes: [other, third, one], latest: "hash" });

    const unknown = await p8e.refused(10, ["get", "AAAA"], {}, party.as);
    assert.equal(unknown.code, "object.not_found");
    assert.match(unknown.hint!, /grpc:\/\/127\.0\.0\.1:9 is known by its URL alone/);
    const several = await p8e.refused(2, ["get", one.slice(0, 20)], {}, party.as);
    assert.equal(several.code, "hash.ambiguous");
    const dry = ["share", third.slice(0, 4), "--with", "lone", "--dry-run"];
    assert.equal((await p8e.json<{ hash: string }>(dry, party.as)).hash, third);
    const last = ["share", "@last", "--with", "lone", "--dry-run"];
    assert.equal((await p8e.json<{ hash: string }>(last, party.as)).hash, other);
  });

  it("put to a store that is down says where it would be and what to do", async () => {
    const party = await ownParty(p8e, "down", { storeUrl: "grpc://127.0.0.1:9", nodeUrl: "grpc://127.0.0.1:9" });
    writeFileSync(p8e.path("note"), "note");
    const error = await p8e.refused(30, ["put", "note"], {}, party.as);
    assert.equal(error.code, "rpc.unavailable");
    assert.match(error.message, /^the store of The down, grpc:\/\/127\.0\.0\.1:9, cannot be reached/);
    assert.match(error.hint!, /Ask who runs it, or if it should be elsewhere, check store\.url in/);
  });

  it("ls says that a store by its URL alone cannot be looked through", async () => {
    const party = await ownParty(p8e, "far", { storeUrl: "grpc://127.0.0.1:9", nodeUrl: "grpc://127.0.0.1:9" });
    const error = await p8e.refused(3, ["ls"], {}, party.as);
    assert.equal(error.message, "the database of the store at grpc://127.0.0.1:9 is not known here");
  });

  it("@last of another kind is not taken for it", async () => {
    const party = await ownParty(p8e, "other", { storeUrl: "grpc://127.0.0.1:9", nodeUrl: "grpc://127.0.0.1:9" });
    const error = await p8e.refused(2, ["get", "@last"], {}, party.as);
    assert.equal(error.message, "@last names nothing: no object was stored from here yet");
  });
});
