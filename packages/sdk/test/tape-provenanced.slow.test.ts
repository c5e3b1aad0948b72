import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { networks } from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import { eventually, optionalProvenanced } from "@p8e/testkit";
import { indexRecords, onboardTape, plainIndex, RecordIndex, type RowOutcome } from "../src/index.ts";
import { greetingsTape, rowsOf } from "./support/tape-of-greetings.ts";
import { openNodeWorld } from "./world-fixture.ts";

const ROWS = 24;

await optionalProvenanced("a tape and an index on a real node that is killed", (found) =>
  describe("a real node that is killed", { timeout: 300_000 }, () => {
    let world: Awaited<ReturnType<typeof openNodeWorld>>;
    before(async () => {
      world = await openNodeWorld(found);
    });
    after(() => world?.[Symbol.asyncDispose]());

    const address = () => accountAddress(world.lender.party.signing.publicKey, networks.local.accountPrefix);
    async function scopesOnLedger(): Promise<number> {
      let count = 0;
      for await (const _ of world.chain.metadata.scopesOf(address())) count++;
      return count;
    }

    it("has each row of a tape once, after as many runs as it takes", async () => {
      const onboarding = await greetingsTape(world);
      const { parts, sessions } = world.lender.client;
      const records = rowsOf(...Array.from({ length: ROWS }, (_, n) => `Greeted ${n}`));
      let restarted: Promise<void> | undefined;
      const restart = async () => {
        await world.node.stop("kill");
        await world.node.start();
      };
      let last: RowOutcome[] = [];
      for (let run = 0; run < 5 && last.filter(({ outcome }) => outcome === "already").length < ROWS; run++) {
        await sessions.resume();
        last = [];
        try {
          for await (const outcome of onboardTape(parts, onboarding, records, { together: 4 })) {
            last.push(outcome);
            // While the next groups are on their way.
            restarted ??= restart();
          }
        } catch {
          // The node was away: what is left is for the next run.
        }
        await restarted;
      }
      assert.deepEqual(new Set(last.map(({ outcome }) => outcome)), new Set(["already"]));
      assert.equal(last.length, ROWS);
      assert.equal(await scopesOnLedger(), ROWS);
    });

    it("is followed by an index over its restart, to all that it holds", async () => {
      const { parts } = world.lender.client;
      const path = join(world.folder, "index.sqlite");
      using index = RecordIndex.open(path, { party: address(), network: networks.local.chainId }, "one");
      const following = indexRecords(parts, index, plainIndex, { follow: true });
      const kinds: string[] = [];
      let height = 0n;
      const reading = (async () => {
        for await (const news of following) {
          kinds.push(news.kind);
          height = index.height;
        }
      })();
      await eventually(
        "the records of the index",
        async () => index.count().records,
        (count) => count === ROWS,
      );
      await world.node.stop("kill");
      await eventually(
        "what the index tells",
        async () => kinds,
        (heard) => heard.includes("waiting"),
      );
      await world.node.start();
      const before = height;
      const onboarding = await greetingsTape(world);
      const outcomes: RowOutcome[] = [];
      for await (const outcome of onboardTape(parts, onboarding, rowsOf("one more"))) outcomes.push(outcome);
      assert.deepEqual(
        outcomes.map(({ outcome }) => outcome),
        ["written"],
      );
      await eventually(
        "the records of the index",
        async () => index.count().records,
        (count) => count === ROWS + 1,
      );
      assert.ok(index.height > before);
      assert.equal(index.count().problems, 0);
      await following.return();
      await reading;
    });
  }),
);
