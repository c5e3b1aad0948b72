import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { P8eError } from "@p8e/core";
import { networks } from "@p8e/core";
import { openLedger } from "@p8e/ledger";
import { RULES_VERSION } from "../src/domain/rules-version.ts";
import { JournalFile } from "../src/journal/journal-file.ts";
import { decodeBlock, encodeBlock } from "../src/journal/journal-format.ts";
import { ManualClock } from "./network.ts";

/**
 * Folders as each version of the rules left them (`make-fixture.ts`), with the state they must still give. In all of
 * them somebody uses a grant whose time is over, and revokes it, which versions 1 and 2 answer otherwise; in those from 3 on
 * somebody also uses a counted grant and writes an amount as Go does, which 2 answers otherwise.
 */
const kept: Readonly<Record<number, { readonly stateHash: string; readonly height: bigint }>> = {
  1: { stateHash: "ba3143017a0c0f32ef5505a40262cc2b5c72b807efef9201b923ed2033e2481f", height: 10n },
  2: { stateHash: "837dd657c6f1df26e770f45682f5678978bc22d53713caf21445f35420d34646", height: 10n },
  3: { stateHash: "579b8f3b8c8ffb604d87f6016488e8f84e9355b07d47623b2d5c313110787369", height: 13n },
  4: { stateHash: "579b8f3b8c8ffb604d87f6016488e8f84e9355b07d47623b2d5c313110787369", height: 13n },
  5: { stateHash: "579b8f3b8c8ffb604d87f6016488e8f84e9355b07d47623b2d5c313110787369", height: 13n },
};

/** A copy that is removed again. */
async function copyOf(version: number, files: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "p8e-rules-"));
  for (const file of files) {
    await copyFile(join(import.meta.dirname, "fixtures", `rules-${version}`, file), join(folder, file));
  }
  const open = () => openLedger({ dataDir: folder, ...networks.local, clock: new ManualClock(), blockIntervalMs: 0 });
  return { folder, open, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const refused = (version: number) => (error: P8eError) => {
  assert.equal(error.code, "ledger.journal_version");
  assert.deepEqual([error.facts["rulesVersion"], error.facts["supported"]], [version, RULES_VERSION]);
  return true;
};

describe("a folder of the rules of version", () => {
  it("each has a fixture", () => {
    assert.deepEqual(
      Object.keys(kept).map(Number),
      Array.from({ length: RULES_VERSION }, (_, index) => index + 1),
    );
  });

  for (const [text, { stateHash, height }] of Object.entries(kept)) {
    const version = Number(text);
    it(`${version} starts from its checkpoint`, async () => {
      await using copy = await copyOf(version, ["journal", "checkpoint"]);
      await using ledger = await copy.open();
      assert.equal(ledger.stateHash(), stateHash);
      assert.equal(ledger.height, height);
    });

    if (version === RULES_VERSION) {
      it(`${version} runs again without it, to the same responses`, async () => {
        await using copy = await copyOf(version, ["journal"]);
        await using ledger = await copy.open();
        assert.equal(ledger.stateHash(), stateHash);
      });
    } else {
      it(`${version} is refused without it`, async () => {
        await using copy = await copyOf(version, ["journal"]);
        await assert.rejects(copy.open(), refused(version));
      });
    }
  }

  it("a newer p8e is refused", async () => {
    await using copy = await copyOf(RULES_VERSION, ["journal"]);
    {
      await using journal = await JournalFile.open(join(copy.folder, "journal"));
      let last: Uint8Array | undefined;
      for await (const { payload } of journal.records()) last = payload;
      const block = decodeBlock(last!);
      await journal.append(encodeBlock({ ...block, height: block.height + 1n, rulesVersion: RULES_VERSION + 1 }));
    }
    await assert.rejects(copy.open(), refused(RULES_VERSION + 1));
  });
});
