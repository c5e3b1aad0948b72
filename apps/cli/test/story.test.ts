import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { CommandLine } from "./support/p8e.ts";

interface Told {
  readonly scope: string;
  readonly session: string;
  readonly transaction: string;
  readonly documents: readonly { readonly fileName: string; readonly sizeBytes: number; readonly hash: string }[];
  readonly milliseconds: number;
}

const story = ["story", "--once", "--document-mb", "2"];

describe("the story", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());

  it("is told from an empty folder, and ends with a scope, a transaction and three documents", async () => {
    const first = await p8e.json<Told>(story);
    assert.match(first.scope, /^scope1[0-9a-z]{30,}$/);
    assert.match(first.session, /^session1[0-9a-z]{50,}$/);
    assert.match(first.transaction, /^[0-9A-F]{64}$/);
    assert.deepEqual(
      first.documents.map(({ sizeBytes }) => sizeBytes),
      [2_000_000, 60_000, 40_000],
    );
    for (const { hash } of first.documents) assert.match(hash, /^[A-Za-z0-9+/]{43}=$/);
  });
});
