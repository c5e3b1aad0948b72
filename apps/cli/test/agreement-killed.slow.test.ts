import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { connectChain } from "@p8e/chain";
import { type AccountAddress, networks } from "@p8e/core";
import { readEnvironmentFile } from "@p8e/environment";
import { eventually } from "@p8e/testkit";
import { CommandLine } from "./support/p8e.ts";

const source = fileURLToPath(new URL("fixtures/agreed.ts", import.meta.url));
const SESSIONS = 5;

interface Session {
  readonly execution: string;
  readonly state: string;
}

/** Numbers between 0 and 1 that follow from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("commands of an agreement that are killed", { timeout: 600_000 }, () => {
  const p8e = new CommandLine();

  before(async () => {
    writeFileSync(p8e.path("ada.json"), '{"name":"Ada"}');
    await p8e.up();
    await p8e.json(["contract", "publish", source, "--as", "lender", "--for", "bank"]);
  });
  after(() => p8e[Symbol.asyncDispose]());

  const ask = () =>
    p8e.json<{ execution: string; scope: string }>([
      ...["contract", "execute", "test.agreed.Greet", "--as", "lender", "--new-scope", "test.agreed"],
      ...["--input", "person=ada.json", "--participant", "OWNER=lender", "--participant", "SERVICER=bank"],
    ]);

  const becomes = (as: string, execution: string, state: string) =>
    eventually(
      `it is ${state} at ${as}`,
      async () => {
        await p8e.json(["inbox", "--as", as]);
        return p8e.json<Session>(["session", "show", execution, "--as", as]);
      },
      (session) => session.state === state,
    );

  it("lead it to the ledger once when they are run again, and leave no grant", async (test) => {
    const environment = (await readEnvironmentFile(p8e.data))!;
    const addresses = ["bank", "lender"].map((name) => environment.parties.find((each) => each.name === name)!.address);
    const [bank, lender] = addresses as [AccountAddress, AccountAddress];
    await using chain = await connectChain({ url: environment.ledgerUrl, ...networks.local });
    const seed = Number(process.env["SEED"] ?? randomInt(2 ** 31));
    test.diagnostic(`SEED=${seed}`);
    const random = seeded(seed);
    let undisturbedMs = 0;

    /** Kills it at some moment of the time it would take; one that is faster has ended by itself. */
    const killed = async (args: readonly string[]) => {
      const child = p8e.start([...args, "--json"]);
      const ended = once(child, "exit");
      const afterMs = Math.floor((0.3 + 0.8 * random()) * undisturbedMs);
      const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
      const [code] = await ended;
      clearTimeout(timer);
      test.diagnostic(
        `${args.slice(0, 2).join(" ")}: ${code === null ? "killed" : `ended with ${code}`}, ${afterMs} ms`,
      );
    };

    for (let session = 0; session <= SESSIONS; session++) {
      const { execution, scope } = await ask();
      await eventually(
        "the request is in the inbox",
        () => p8e.json<{ waiting: readonly Session[] }>(["inbox", "--as", "bank"]),
        ({ waiting }) => waiting.some((each) => each.execution === execution),
      );
      const approve = ["session", "approve", execution, "--as", "bank", "--yes"];
      if (session === 0) {
        undisturbedMs = (await p8e.run([...approve, "--json"])).milliseconds;
      } else {
        await killed(approve);
        await p8e.json(approve);
        await killed(["inbox", "--as", "lender"]);
      }
      await becomes("lender", execution, "committed");
      await becomes("bank", execution, "committed");
      const shown = await p8e.json<{ sessions: readonly unknown[] }>(["scope", "show", scope]);
      assert.equal(shown.sessions.length, 1);
      await p8e.json(["verify", scope, "--as", "bank"]);
      assert.deepEqual(await chain.accounts.grants(bank, lender), []);
    }
  });
});
