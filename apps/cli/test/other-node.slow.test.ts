import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { networks, networkToJson } from "@p8e/core";
import { freePort } from "@p8e/machine";
import { CommandLine, root } from "./support/p8e.ts";

const hello = join(root, "examples/hello/src/contract.ts");

interface Published {
  readonly contract: string;
  readonly scopes: readonly string[];
  readonly transactions: readonly string[];
}

interface Executed {
  readonly scope: string;
  readonly transaction: string;
}

/** One profile; its own network's node, and another network's that is named for one command. */
describe("--node and --network", { timeout: 300_000 }, async () => {
  const p8e = new CommandLine({ data: false });
  after(() => p8e[Symbol.asyncDispose]());
  const home = p8e.path("alice");
  const at = { cwd: home };
  const [ownPort, otherPort, storePort] = [await freePort(), await freePort(), await freePort()];
  const own = `grpc://127.0.0.1:${ownPort}`;
  const other = `grpc://127.0.0.1:${otherPort}`;
  const file = p8e.path("other.json");
  const there = ["--node", other, "--network", file];
  const publish = ["contract", "publish", hello];
  let firstHere: Published;

  before(async () => {
    const network = { ...networks.local, name: "other", chainId: "other-1" };
    writeFileSync(file, JSON.stringify(networkToJson(network)));
    mkdirSync(p8e.path("elsewhere"));
    const listening = (port: number) => ["--faucet", "--listen", `127.0.0.1:${port}`];
    const at2 = { cwd: p8e.path("elsewhere") };
    await p8e.serving(["ledger", "serve", ...listening(ownPort)], {}, { cwd: p8e.folder });
    await p8e.serving(["ledger", "serve", "--network", file, ...listening(otherPort)], {}, at2);
    const store = ["--store", `grpc://127.0.0.1:${storePort}`];
    await p8e.json(["init", "alice", "--name", "alice", "--plain", "--node", own, ...store]);
    await p8e.serving(["store", "serve"], {}, at);
  });

  it("stand in the place of the profile's for one command", async () => {
    type Shown = { readonly network: string; readonly chainId: string; readonly state: string };
    await p8e.json(["account", "fund", ...there], at);
    const seen = await p8e.json<Shown>(["account", "show", ...there], at);
    assert.deepEqual([seen.network, seen.chainId, seen.state], ["other", "other-1", "ready"]);
    const here = await p8e.json<Shown>(["account", "show"], at);
    assert.deepEqual([here.network, here.chainId, here.state], ["local", "chain-local", "absent"]);
    await p8e.json(["account", "fund"], at);
  });

  it("a node of another chain, and a network of other accounts, are errors", async () => {
    const wrongChain = await p8e.refused(13, ["account", "show", "--node", other], {}, at);
    assert.deepEqual(
      [wrongChain.code, wrongChain.facts.expected, wrongChain.facts.actual],
      ["ledger.wrong_network", "chain-local", "other-1"],
    );
    const wrongPrefix = await p8e.refused(3, ["account", "show", "--node", other, "--network", "mainnet"], {}, at);
    assert.deepEqual([wrongPrefix.code, wrongPrefix.facts.network], ["configuration.invalid", "mainnet"]);
    assert.match(wrongPrefix.message, /begin with pb1, the party's with tp1/);
    const nowhere = await p8e.refused(2, ["account", "show", "--network", file], {}, at);
    assert.match(nowhere.message, /no node of the network other is known/);
    const notThere = await p8e.refused(2, ["put", file, ...there], {}, at);
    assert.match(notThere.message, /unknown option '--node'/);
  });

  it("a second network is a first publication; where the contract stands, publishing writes nothing and says so", async () => {
    firstHere = await p8e.json<Published>(publish, at);
    assert.equal(firstHere.transactions.length, 1);
    const again = await p8e.json<Published>(publish, at);
    assert.deepEqual(again.transactions, []);
    const plan = await p8e.json<{ steps: string[] }>([...publish, "--plan", ...there], at);
    assert.ok(plan.steps.some((step) => step.includes(firstHere.scopes[0]!)));
    const firstThere = await p8e.json<Published>([...publish, ...there], at);
    assert.equal(firstThere.transactions.length, 1);
    assert.notDeepEqual(firstThere.transactions, firstHere.transactions);
    // Publisher and name make the scope specification's address, and the same account is the publisher on both.
    assert.deepEqual(firstThere.scopes, firstHere.scopes);
    const { stdout } = await p8e.call([...publish, ...there], at);
    assert.match(stdout.toString(), /published before; nothing to write/);
    assert.match(stdout.toString(), /transactions +none/);
  });

  it("executions on another network are remembered apart; its scopes are read without being anybody", async () => {
    writeFileSync(join(home, "person.json"), JSON.stringify({ name: "Ada" }));
    const execute = [
      ...["contract", "execute", "example.hello.Greet", "--new-scope", "example.hello"],
      ...["--input", "person=person.json"],
    ];
    const here = await p8e.json<Executed>(execute, at);
    const elsewhere = await p8e.json<Executed>([...execute, ...there], at);
    assert.ok(existsSync(join(home, ".p8e/state/alice.sqlite")));
    assert.ok(existsSync(join(home, ".p8e/state/alice.other-1.sqlite")));

    assert.equal((await p8e.json<{ ok: boolean }>(["verify", elsewhere.scope, ...there], at)).ok, true);
    assert.equal((await p8e.refused(10, ["verify", elsewhere.scope], {}, at)).code, "ledger.not_found");
    assert.equal((await p8e.json<{ ok: boolean }>(["verify", here.scope, "--node", own], at)).ok, true);

    const nobody = { cwd: p8e.folder };
    const shown = await p8e.json<{ scope: string }>(["scope", "show", elsewhere.scope, ...there], nobody);
    assert.equal(shown.scope, elsewhere.scope);
    const local = ["scope", "show", here.scope, "--network", "local", "--node", own];
    assert.equal((await p8e.json<{ scope: string }>(local, nobody)).scope, here.scope);
  });
});
