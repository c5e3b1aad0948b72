import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { CommandLine } from "./support/p8e.ts";

interface Told {
  readonly scope: string;
  readonly session: string;
  readonly transaction: string;
  readonly documents: readonly { readonly fileName: string; readonly sizeBytes: number; readonly hash: string }[];
  readonly agreed: readonly string[];
  readonly refused: string;
  readonly milliseconds: number;
}

const story = ["story", "--once", "--document-mb", "2"];

describe("the story", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());

  it("is told from an empty folder, and ends with a scope, three documents, three sessions that two signed and one that was refused", async () => {
    const first = await p8e.json<Told>(story);
    assert.match(first.scope, /^scope1[0-9a-z]{30,}$/);
    assert.match(first.session, /^session1[0-9a-z]{50,}$/);
    assert.match(first.transaction, /^[0-9A-F]{64}$/);
    assert.deepEqual(
      first.documents.map(({ sizeBytes }) => sizeBytes),
      [2_000_000, 60_000, 40_000],
    );
    const sessions = [...first.agreed, first.refused];
    assert.equal(new Set(sessions).size, 4);
    for (const session of sessions) assert.match(session, /^[0-9a-f-]{36}$/);
    for (const { hash } of first.documents) assert.match(hash, /^[A-Za-z0-9+/]{43}=$/);
  });
});
