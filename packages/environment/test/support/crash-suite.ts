import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { networks } from "@p8e/core";
import { type Environment, startEnvironment } from "@p8e/environment";
import { markedProcess } from "@p8e/machine";
import { type MessagePrice, makeValidatorHome } from "@p8e/provenanced";
import type { Provenanced } from "@p8e/testkit";
import { CrashWork } from "./crash-work.ts";
import { Seeded } from "./seeded.ts";
import { type UpOptions, UpProcess } from "./up.ts";

function marksIn(folder: string) {
  const marks = join(folder, "run");
  if (!existsSync(marks)) return [];
  return readdirSync(marks).map((name) => ({ name, pid: markedProcess(join(marks, name)) }));
}

const parties = ["lender", "bank"];
const victims = ["lender store", "bank store", "ledger", "database"] as const;
const SESSION_STEPS = 10;
const STEPS = 25;

/** The real node that an environment is to have as its ledger. */
export interface CrashNode extends Pick<Provenanced, "program" | "priceList"> {
  /** Whether it keeps an index of transactions. An environment's own does. */
  readonly indexed: boolean;
}

/** An environment continues the home that it finds. */
async function makeNodeHome({ program, priceList, indexed }: CrashNode, dataDir: string): Promise<void> {
  const prices = JSON.parse(readFileSync(priceList, "utf8")) as MessagePrice[];
  const settings = { chainId: networks.local.chainId, blockTimeMs: 250, indexed, prices };
  await makeValidatorHome(program, join(dataDir, "provenanced"), settings);
}

/** A kill for each seed, all on one data folder: nothing that was acknowledged may ever be lost. */
export function crashSuite(seeds: {
  readonly servers: readonly number[];
  /** None, and the process that runs them all is left alone. */
  readonly parents: readonly number[];
  /** Files of the data folder; when one appears the start is cut short. */
  readonly starts: readonly string[];
  /** Kills come up to this much later than their step; 0 makes them repeatable. */
  readonly delayMsMax: number;
  /** A real node instead of the embedded ledger. */
  readonly node?: CrashNode;
}): void {
  const folder = mkdtempSync(join(tmpdir(), "p8e-crash-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const { node } = seeds;
  const real =
    node === undefined ? {} : { ledger: "provenanced" as const, variables: { P8E_PROVENANCED: node.program } };
  const optionsFor = (dataDir: string): UpOptions => ({ dataDir, parties, ...real });
  const options = optionsFor(folder);

  describe("of a server", () => {
    let environment: Environment;
    let work: CrashWork;
    before(async () => {
      if (node !== undefined) await makeNodeHome(node, folder);
      environment = await startEnvironment(options);
      work = await CrashWork.open(folder);
      if (node !== undefined) assert.equal(await work.keepsResults(), node.indexed);
      await work.publish();
    });
    after(async () => {
      await work?.[Symbol.asyncDispose]();
      await environment?.[Symbol.asyncDispose]();
    });

    for (const seed of seeds.servers) {
      const seeded = new Seeded(seed);
      const victim = victims[seed % victims.length]!;
      // Only sessions need the ledger.
      const kind = victim === "ledger" ? "session" : "";
      const at = seeded.integer(1, victim === "ledger" ? SESSION_STEPS : STEPS);
      const delayMs = seeded.integer(0, seeds.delayMsMax);
      it(`the ${victim}, at step ${at} ${kind === "" ? "" : "of the session "}of seed ${seed}`, async (t) => {
        let steps = 0;
        let killed: Promise<void> | undefined;
        await work.run(seeded, (what) => {
          if (!what.startsWith(kind) || ++steps !== at) return;
          t.diagnostic(`killed ${delayMs} ms after: ${what}`);
          if (delayMs === 0) environment.kill(victim);
          else killed = delay(delayMs).then(() => environment.kill(victim));
        });
        await killed;
        assert.ok(steps >= at, "the work was done before the kill");
        await work.resume();
        await work.check();
      });
    }

    it("and in the end everything is still there", () => work.checkAll());
  });

  if (seeds.parents.length === 0 && seeds.starts.length === 0) return;
  describe("of the process that runs them all", () => {
    for (const seed of seeds.parents) {
      const seeded = new Seeded(seed);
      const at = seeded.integer(1, STEPS);
      it(`at step ${at} of the work of seed ${seed}, and the next start continues at the same addresses`, async (t) => {
        const first = await UpProcess.start(options);
        await using work = await CrashWork.open(folder);
        let second: Promise<UpProcess> | undefined;
        let steps = 0;
        await work.run(seeded, (what) => {
          if (++steps !== at) return;
          t.diagnostic(`killed after: ${what}`);
          second = first.kill().then(() => UpProcess.start(options));
        });
        await using up = await second!;
        assert.equal(up.pids.get("database"), first.pids.get("database"), "the database was not taken over");
        for (const name of ["ledger", "lender store", "bank store"]) {
          assert.notEqual(up.pids.get(name), first.pids.get(name));
        }
        await work.resume();
        await work.checkAll();
      });
    }

    for (const file of seeds.starts) {
      it(`while it starts for the first time, when ${file} appears: the next start is complete`, async () => {
        const fresh = mkdtempSync(join(tmpdir(), "p8e-crash-"));
        try {
          await UpProcess.killWhenThereIs(file, optionsFor(fresh));
          const left = marksIn(fresh);
          await using up = await UpProcess.start(optionsFor(fresh));
          for (const mark of left) assert.notEqual(markedProcess(join(fresh, "run", mark.name)), mark.pid);
          await using work = await CrashWork.open(fresh);
          await work.publish();
          await work.run(new Seeded(file), () => undefined);
          await work.checkAll();
          assert.equal(up.pids.size, 4);
        } finally {
          rmSync(fresh, { recursive: true, force: true });
        }
      });
    }

    it("nothing stays behind but the database, which the next start takes over and stops", async () => {
      const first = await UpProcess.start(options);
      await first.kill();
      await first.childrenGone();
      assert.ok(first.isAlive("database"));
      {
        await using second = await UpProcess.start(options);
        assert.equal(second.pids.get("database"), first.pids.get("database"));
      }
      assert.ok(!first.isAlive("database"));
    });
  });
}
