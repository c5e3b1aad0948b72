import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isP8eError, utf8Encode } from "@p8e/core";
import { JournalFile } from "../src/journal/journal-file.ts";
import { HEAD_BYTES, MAGIC } from "../src/journal/journal-format.ts";

const payloads = ["first", "the second record", "third", "a fourth, which is the last"].map((text) => utf8Encode(text));

describe("journal file", () => {
  let folder = "";
  let whole = new Uint8Array(0);
  /** Where each record begins, and the end. */
  const starts: number[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "p8e-journal-"));
    const path = join(folder, "whole");
    await using journal = await JournalFile.open(path);
    for (const payload of payloads) starts.push((await journal.append(payload)).offset);
    whole = new Uint8Array(await readFile(path));
    starts.push(whole.length);
  });

  after(() => rm(folder, { recursive: true }));

  async function read(bytes: Uint8Array): Promise<string[]> {
    const path = join(folder, "case");
    await writeFile(path, bytes);
    await using journal = await JournalFile.open(path);
    const found: string[] = [];
    for await (const { payload } of journal.records()) found.push(new TextDecoder().decode(payload));
    await journal.append(utf8Encode("next"));
    const again: string[] = [];
    for await (const { payload } of journal.records()) again.push(new TextDecoder().decode(payload));
    assert.deepEqual(again, [...found, "next"]);
    return found;
  }

  const texts = payloads.map((payload) => new TextDecoder().decode(payload));

  it("gives back what was appended", async () => {
    assert.deepEqual(await read(whole), texts);
  });

  it("cuts off a tail that ends at any byte of a record, and goes on there", async () => {
    for (let length = MAGIC.length; length < whole.length; length++) {
      const complete = starts.filter((start, index) => index > 0 && start <= length).length;
      assert.deepEqual(await read(whole.subarray(0, length)), texts.slice(0, complete), `cut at ${length}`);
    }
  });

  it("starts anew when not even the first line was written", async () => {
    assert.deepEqual(await read(MAGIC.subarray(0, 5)), []);
  });

  it("takes a flipped bit anywhere for damage, names the record, and cuts nothing off", async () => {
    for (let position = MAGIC.length; position < whole.length; position++) {
      const bytes = whole.slice();
      bytes[position] = bytes[position]! ^ 0x10;
      const record = starts.findLast((start) => start <= position);
      await assert.rejects(read(bytes), (error) => {
        assert.ok(isP8eError(error), String(error));
        assert.equal(error.code, "ledger.journal_corrupt");
        assert.equal(error.facts.offset, record, `flipped at ${position}`);
        return true;
      });
      assert.equal((await readFile(join(folder, "case"))).length, whole.length);
    }
  });

  it("takes a removed and a repeated record for damage", async () => {
    const removed = new Uint8Array([...whole.subarray(0, starts[1]), ...whole.subarray(starts[2])]);
    await assert.rejects(read(removed), { code: "ledger.journal_corrupt" });
    const repeated = new Uint8Array([...whole, ...whole.subarray(starts[3])]);
    await assert.rejects(read(repeated), { code: "ledger.journal_corrupt" });
  });

  it("cuts off a tail of zeros, which a crash of the machine can leave", async () => {
    assert.deepEqual(await read(new Uint8Array([...whole, ...new Uint8Array(4096)])), texts);
    const unwritten = whole.slice();
    unwritten.fill(0, starts[3]! + HEAD_BYTES);
    assert.deepEqual(await read(unwritten), texts.slice(0, 3));
  });

  it("refuses a file that is no journal", async () => {
    await assert.rejects(read(utf8Encode("something else altogether")), { code: "ledger.journal_corrupt" });
  });

  it("refuses a file shorter than a checkpoint of it", async () => {
    const path = join(folder, "short");
    await writeFile(path, whole);
    await truncate(path, starts[2]);
    await using journal = await JournalFile.open(path);
    const position = { offset: starts[3]!, link: new Uint8Array(32) };
    await assert.rejects(journal.records(position).next(), { code: "ledger.journal_corrupt" });
  });
});
