import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { CommandLine, killWhenSaid } from "./p8e.ts";

const plainStory = ["story", "--once", "--document-mb", "3"];
/** What the story says when it begins a chapter in which something can be lost. */
export const moments: readonly string[] = [
  "1  The lender publishes",
  "2  A package that breaks",
  "3  The lender stores",
  "4  The lender runs",
  "5  The bank's store receives",
  "6  The bank checks",
  "8  A validator looks",
  "11  One of three says no",
];
/** What a server that has just been killed may make of a story: it goes on, or it ends with "not there just now". */
const ENDS = [0, 15, 30, 31];

/** Which ledger the story is told on, when it or one of its servers is killed, and which of these. */
export interface Telling {
  readonly ledger: "embedded" | "provenanced";
  readonly env: Readonly<Record<string, string>>;
  readonly moments: readonly string[];
  /** Servers; and `story`, with the servers it runs. */
  readonly victims: readonly string[];
  /** What a data folder has before the story begins in it; it is not there yet. */
  readonly prepare?: (data: string) => Promise<unknown>;
}

/** kill -9 of each victim at each moment; told again, the story comes to its end every time. */
export function killStory(telling: Telling): void {
  const servers = telling.victims.filter((victim) => victim !== "story");
  if (servers.length < telling.victims.length) killStoryItself(telling);
  if (servers.length > 0) killServers({ ...telling, victims: servers });
}

function killStoryItself({ ledger, env, moments, prepare }: Telling): void {
  const story = [...plainStory, "--ledger", ledger];
  describe("of the story itself, with the servers it runs", () => {
    const p8e = new CommandLine();
    before(() => prepare?.(p8e.data));
    after(() => p8e[Symbol.asyncDispose]());
    for (const moment of moments) {
      it(`at "${moment}": told again on the same data, it comes to its end`, async () => {
        await killWhenSaid(p8e.start(story, { env }), moment, (child) => child.kill("SIGKILL"));
        const { scope } = await p8e.json<{ scope: string }>(story, { env });
        assert.match(scope, /^scope1/);
      });
    }
  });
}

function killServers({ ledger, env, moments, victims, prepare }: Telling): void {
  const onLedger = ["--ledger", ledger];
  const story = [...plainStory, ...onLedger];
  describe("of a server", () => {
    const p8e = new CommandLine();
    before(() => prepare?.(p8e.data));
    after(() => p8e[Symbol.asyncDispose]());
    for (const [index, moment] of moments.entries()) {
      for (const victim of victims) {
        it(`the ${victim}, at "${moment}": the story goes on or is told again, and all it recorded is there`, async (t) => {
          if (index === 0 && victim === victims[0])
            await p8e.serving(["up", "--party", "lender,bank,validator,servicer,investor", ...onLedger], env);
          const child = p8e.start(story, { env });
          const said = await killWhenSaid(child, moment, () => process.kill(pidOf(victim), "SIGKILL"));
          assert.ok(ENDS.includes(child.exitCode!), `exit ${child.exitCode}: ${said}`);
          t.diagnostic(child.exitCode === 0 ? "it went on" : `it ended with ${child.exitCode}`);
          const recorded = /scope +(scope1[0-9a-z]+)/.exec(said)?.[1];
          const again = await p8e.json<{ scope: string }>(story, { env });
          for (const scope of [recorded, again.scope]) {
            if (scope !== undefined) await p8e.json(["verify", scope, "--as", "lender"]);
          }
        });
      }
    }

    function pidOf(victim: string): number {
      const file = victim === "database" ? "postgres/cluster/postmaster.pid" : `run/${victim}.pid`;
      return Number(readFileSync(join(p8e.data, file), "utf8").split(/\s/)[0]);
    }
  });
}

/** Ctrl-C of the story, on a ledger of its own. */
export function interruptStory({ ledger, env }: Pick<Telling, "ledger" | "env">): void {
  const story = [...plainStory, "--ledger", ledger];
  it("Ctrl-C is no crash: everything is stopped in order, and the exit code says that it was interrupted", async () => {
    await using p8e = new CommandLine();
    const child = p8e.start(story, { env });
    const said = await killWhenSaid(child, moments[3]!, () => child.kill("SIGINT"));
    assert.equal(child.exitCode, 130, said);
    assert.ok(said.includes("rpc.cancelled"), said);
    assert.deepEqual(readdirSync(join(p8e.data, "run")), []);
    assert.ok(!existsSync(join(p8e.data, "up.pid")));
    assert.ok(!existsSync(join(p8e.data, "postgres/cluster/postmaster.pid")));
    await p8e.json(story, { env });
  });
}
