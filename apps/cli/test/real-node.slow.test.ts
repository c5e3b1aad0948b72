// The command on a real node: as another network than the profile's, without an index, and behind proxies with TLS.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { networks, networkToJson } from "@p8e/core";
import { freePort } from "@p8e/machine";
import { developmentParty } from "@p8e/party";
import { eventually, optionalProvenanced, type ProvenancedNode, startProvenanced } from "@p8e/testkit";
import { pem, proxiesInstalled, proxyNames, startProxy } from "../../../packages/chain/test/foreign-proxy.ts";
import { proxyNode } from "../../../packages/chain/test/node-proxy.ts";
import { CommandLine, root } from "./support/p8e.ts";
import { onTerminal } from "./support/terminal.ts";

const hello = join(root, "examples/hello/src/contract.ts");
const what = "the command on a real node";

interface Published {
  readonly scopes: readonly string[];
  readonly transactions: readonly string[];
}

interface Sent {
  readonly transaction: string;
  readonly confirmation: string;
  readonly fee: string;
}

/** A folder with the profile of the development lender, who has money on every local chain. */
async function lenderAt(p8e: CommandLine, name: string, nodeUrl: string, storeUrl: string): Promise<string> {
  const words = p8e.path("words");
  writeFileSync(words, developmentParty("lender")!.mnemonic, { mode: 0o600 });
  const servers = ["--node", nodeUrl, "--store", storeUrl];
  const key = ["--key", `mnemonic-file:${words}`];
  await p8e.json(["init", name, "--name", "lender", "--network", "local", ...servers, ...key]);
  return p8e.path(name);
}

/** Makes a marker for a pool of loans: a message that the embedded ledger does not have. */
function marker(folder: string, denom: string): string {
  const { party } = JSON.parse(readFileSync(join(folder, "p8e.json"), "utf8")) as { party: { address: string } };
  const file = join(folder, `${denom}.json`);
  const message = {
    "@type": "/provenance.marker.v1.MsgAddFinalizeActivateMarkerRequest",
    amount: { denom, amount: "1000" },
    manager: party.address,
    from_address: party.address,
    marker_type: "MARKER_TYPE_COIN",
    access_list: [{ address: party.address, permissions: ["ACCESS_ADMIN", "ACCESS_WITHDRAW"] }],
    supply_fixed: true,
  };
  writeFileSync(file, JSON.stringify(message));
  return file;
}

await optionalProvenanced(what, (found) => {
  describe("a real node as another network than the profile's", { timeout: 600_000 }, () => {
    const p8e = new CommandLine({ data: false });
    let node: ProvenancedNode;
    let there: readonly string[];
    let home: string;
    after(async () => {
      await p8e[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
    });

    before(async () => {
      node = await startProvenanced(found, { chainId: "other-9" });
      const file = p8e.path("other.json");
      writeFileSync(file, JSON.stringify(networkToJson({ ...networks.local, name: "other", chainId: "other-9" })));
      there = ["--node", node.url, "--network", file];
      const [ledger, store] = [await freePort(), await freePort()];
      const listen = ["--listen", `127.0.0.1:${ledger}`];
      await p8e.serving(["ledger", "serve", ...listen], {}, { cwd: p8e.folder });
      home = await lenderAt(p8e, "home", `grpc://127.0.0.1:${ledger}`, `grpc://127.0.0.1:${store}`);
      await p8e.serving(["store", "serve"], {}, { cwd: home });
    });

    it("is a first publication; publishing again writes nothing on either", async () => {
      const at = { cwd: home };
      const publish = ["contract", "publish", hello];
      const here = await p8e.json<Published>(publish, at);
      const first = await p8e.json<Published>([...publish, ...there], at);
      assert.deepEqual([here.transactions.length, first.transactions.length], [1, 1]);
      // The same account publishes under the same name: the address follows from both.
      assert.deepEqual(first.scopes, here.scopes);
      for (const where of [[], there]) {
        assert.deepEqual((await p8e.json<Published>([...publish, ...where], at)).transactions, []);
        const { stdout } = await p8e.run([...publish, ...where], at);
        assert.match(stdout.toString(), /was published before; nothing to write/);
      }
    });

    it("is executed on, shown and verified by its name alone", async () => {
      const at = { cwd: home };
      writeFileSync(join(home, "person.json"), JSON.stringify({ name: "Ada" }));
      const execute = ["contract", "execute", "example.hello.Greet", "--new-scope", "example.hello"];
      const { scope } = await p8e.json<{ scope: string }>([...execute, "--input", "person=person.json", ...there], at);
      assert.equal((await p8e.json<{ ok: boolean }>(["verify", scope, ...there], at)).ok, true);
      const shown = await p8e.json<{ scope: string }>(["scope", "show", scope, ...there], { cwd: p8e.folder });
      assert.equal(shown.scope, scope);
      assert.equal((await p8e.refused(10, ["verify", scope], {}, at)).code, "ledger.not_found");
    });

    it("takes messages of other modules, priced by its list, whose types it describes", async () => {
      const at = { cwd: home };
      const file = marker(home, "loanpool.one");
      const prices = JSON.parse(readFileSync(found.priceList, "utf8")) as {
        msg_type_url: string;
        cost: { amount: string }[];
      }[];
      const url = "/provenance.marker.v1.MsgAddFinalizeActivateMarkerRequest";
      const musd = BigInt(prices.find(({ msg_type_url }) => msg_type_url === url)!.cost[0]!.amount);
      const dry = await p8e.json<Sent>(["tx", "send", file, "--dry-run", ...there], at);
      assert.equal(BigInt(dry.fee), musd * 40_000_000n);
      const sent = await p8e.json<Sent>(["tx", "send", file, "--yes", ...there], at);
      assert.deepEqual([sent.confirmation, sent.fee], ["result", dry.fee]);
      const shown = await p8e.json<{ standing: string }>(["tx", "show", sent.transaction, ...there], at);
      assert.equal(shown.standing, "included");
      const again = await p8e.refused(13, ["tx", "send", file, "--yes", ...there], {}, at);
      assert.match(again.message, /marker address already exists/);
      const local = await p8e.refused(22, ["tx", "send", file, "--yes"], {}, at);
      assert.match(local.hint ?? "", /--ledger provenanced/);
    });
  });

  describe("a transaction on a node without an index", { timeout: 600_000 }, () => {
    const p8e = new CommandLine({ data: false });
    let node: ProvenancedNode;
    let home: string;
    after(async () => {
      await p8e[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
    });

    before(async () => {
      node = await startProvenanced(found, { indexed: false });
      home = await lenderAt(p8e, "home", node.url, "grpc://127.0.0.1:1");
    });

    it("is found in its block; with the node's RPC in the profile its result is, too", async () => {
      const at = { cwd: home };
      const sent = await p8e.json<Sent>(["tx", "send", marker(home, "loanpool.two"), "--yes"], at);
      assert.equal(sent.confirmation, "block");
      type Shown = { standing: string; confirmation: string; fee: string };
      const shown = await p8e.json<Shown>(["tx", "show", sent.transaction], at);
      assert.deepEqual([shown.standing, shown.confirmation, shown.fee], ["included", "block", sent.fee]);
      const profile = JSON.parse(readFileSync(join(home, "p8e.json"), "utf8")) as { node: object };
      writeFileSync(
        join(home, "p8e.json"),
        JSON.stringify({ ...profile, node: { ...profile.node, rpcUrl: node.rpcUrl } }),
      );
      assert.equal((await p8e.json<Shown>(["tx", "show", sent.transaction], at)).confirmation, "result");
    });

    /** Kills the command as soon as it has told the hash, and says what came of the transaction. */
    const killed = async (args: readonly string[]) => {
      const child = p8e.start([...args, "--yes", "--json"], { cwd: home });
      const [told] = (await once(child.stderr!, "data")) as [Buffer];
      const closed = once(child, "close");
      child.kill("SIGKILL");
      await closed;
      const { transaction } = JSON.parse(told.toString()) as { transaction: string };
      return eventually(
        "what came of it",
        async () => {
          const { code, stdout, stderr } = await p8e.run(["tx", "show", transaction, "--json"], { cwd: home });
          const said = JSON.parse(code === 0 ? stdout.toString() : stderr) as { standing?: string };
          return { code, standing: said.standing };
        },
        ({ standing }) => standing !== "pending",
        { limitMs: 120_000 },
      );
    };

    it("is answered for after a crash, whatever came of it, and never sent anew", async () => {
      const { code, standing } = await killed(["tx", "send", marker(home, "loanpool.three")]);
      assert.deepEqual([code, standing], standing === "included" ? [0, "included"] : [31, undefined]);
    });

    it("that never reached the node is known to be lost once its last block has passed", async () => {
      await using proxy = await proxyNode(node.url);
      proxy.fault("BroadcastTx", "lose request", 1_000_000);
      const send = ["tx", "send", marker(home, "loanpool.four"), "--node", proxy.url];
      assert.deepEqual(await killed(send), { code: 31, standing: undefined });
    });
  });

  if (!proxiesInstalled(what)) return;
  describe("a node behind proxies with TLS that cut idle connections", { timeout: 600_000 }, () => {
    const p8e = new CommandLine({ data: false });
    let node: ProvenancedNode;
    after(async () => {
      await p8e[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
    });

    before(async () => {
      node = await startProvenanced(found);
      mkdirSync(p8e.path("ca"));
      writeFileSync(p8e.path("ca", "authority.pem"), pem("authority"));
    });

    for (const name of proxyNames) {
      it(`${name}: publishes, executes, verifies, and sends after a person has thought for longer than it waits`, async () => {
        await using proxy = await startProxy(name, node.url, { idleMs: 1500 });
        const store = await freePort();
        const home = await lenderAt(p8e, name, proxy.url, `grpc://127.0.0.1:${store}`);
        const at = { cwd: home };
        const strange = await p8e.refused(32, ["account", "show"], {}, at);
        assert.deepEqual([strange.code, strange.facts.reason], ["rpc.tls", "unknown_authority"]);
        const profile = JSON.parse(readFileSync(join(home, "p8e.json"), "utf8")) as { node: object };
        const trusting = { ...profile.node, certificateAuthority: "../ca/authority.pem" };
        writeFileSync(join(home, "p8e.json"), JSON.stringify({ ...profile, node: trusting }));
        await p8e.serving(["store", "serve"], {}, at);
        await p8e.json(["contract", "publish", hello], at);
        writeFileSync(join(home, "person.json"), JSON.stringify({ name: "Ada" }));
        const execute = ["contract", "execute", "example.hello.Greet", "--new-scope", "example.hello"];
        const { scope } = await p8e.json<{ scope: string }>([...execute, "--input", "person=person.json"], at);
        assert.equal((await p8e.json<{ ok: boolean }>(["verify", scope], at)).ok, true);
        const file = marker(home, `loanpool.${name}`);
        const { code, shown } = await onTerminal(home, ["tx", "send", file], [["[y/N] ", "y\n", 4000]]);
        assert.equal(code, 0, shown);
        assert.match(shown, /in block \d+ for \$\d/);
      });
    }
  });
});
