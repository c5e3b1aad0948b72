import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { networks, networkToJson } from "@p8e/core";
import { freePort } from "@p8e/machine";
import * as cosmos from "@p8e/proto/cosmos";
import { prepareLocalPostgres } from "@p8e/testkit";
import { proxyNode } from "../../../packages/chain/test/node-proxy.ts";
import { CommandLine } from "./support/p8e.ts";

const { GetNodeInfoResponseSchema } = cosmos.tendermint;

/** What a node says of itself, of another version. */
function ofVersion(version: string, message: Uint8Array): Uint8Array {
  const info = fromBinary(GetNodeInfoResponseSchema, message);
  info.applicationVersion!.version = version;
  return toBinary(GetNodeInfoResponseSchema, info);
}

interface Initialised {
  readonly profile: string;
  readonly party: { readonly address: string };
  readonly unchecked: readonly string[];
}

/** One party by its own profile: no environment, no development keys. */
describe("a party with a profile of its own", { timeout: 300_000 }, async () => {
  const p8e = new CommandLine({ data: false });
  after(() => p8e[Symbol.asyncDispose]());
  const home = p8e.path("alice");
  const at = { cwd: home };
  const ports = { ledger: await freePort(), store: await freePort() };
  const node = `grpc://127.0.0.1:${ports.ledger}`;
  const store = `grpc://127.0.0.1:${ports.store}`;
  const init = (...more: string[]) => [
    ...["init", "--name", "alice", "--plain", "--node", node, "--store", store],
    ...more,
  ];
  let ledger: ChildProcess;
  let address: string;

  const stop = async (child: ChildProcess) => {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    assert.deepEqual(await exited, [0, null]);
  };

  it("init makes it before anything runs, and says what it could not check", async () => {
    const made = await p8e.json<Initialised>(init("alice"));
    assert.equal(made.profile, join(home, "p8e.json"));
    assert.equal(made.unchecked.length, 2);
    assert.match(made.unchecked.join(), new RegExp(`node at ${node} could not be checked.*store at ${store}`));
    address = made.party.address;
    assert.equal(statSync(join(home, ".p8e")).mode & 0o777, 0o700);
    assert.equal(statSync(join(home, ".p8e/keys/alice")).mode & 0o777, 0o600);
    const text = readFileSync(join(home, "p8e.json"), "utf8");
    for (const secret of readFileSync(join(home, ".p8e/keys/alice"), "utf8").split(/[^0-9A-Za-z]+/)) {
      assert.ok(secret.length < 20 || !text.includes(secret), "the profile holds a part of the keys");
    }
  });

  it("init overwrites nothing, and makes nothing when something is wrong", async () => {
    const before = readFileSync(join(home, "p8e.json"), "utf8");
    assert.equal((await p8e.refused(3, init("alice"))).code, "configuration.invalid");
    assert.equal(readFileSync(join(home, "p8e.json"), "utf8"), before);
    const wrong: readonly (readonly [exit: number, code: string, args: readonly string[]])[] = [
      [2, "input.invalid", ["init", "bob", "--plain"]],
      [2, "name.invalid", ["init", "bob", "--name", "Bob", "--plain"]],
      [3, "configuration.invalid", ["init", "bob", "--name", "bob", "--plain", "--network", "moonnet"]],
      [2, "input.invalid", ["init", "bob", "--name", "bob", "--plain", "--network", "mainnet"]],
      [3, "configuration.invalid", ["init", "bob", "--name", "bob", "--plain", "--node", "http://node"]],
      [3, "configuration.invalid", ["init", "bob", "--name", "bob", "--plain", "--store", "store.example.com"]],
      [12, "key.passphrase", ["init", "bob", "--name", "bob"]],
    ];
    await Promise.all(
      wrong.map(async ([exit, code, args]) => assert.equal((await p8e.refused(exit, args)).code, code, args.join(" "))),
    );
    assert.ok(!existsSync(p8e.path("bob", "p8e.json")));
    assert.ok(!existsSync(p8e.path("bob")));
  });

  it("the ledger is served with a faucet, the store by the profile", async () => {
    const serving = ["ledger", "serve", "--faucet", "--listen", `127.0.0.1:${ports.ledger}`];
    ({ child: ledger } = await p8e.serving<object>(serving, {}, { cwd: p8e.folder }));
    await prepareLocalPostgres(join(home, ".p8e/store/postgres"));
    const { said } = await p8e.serving<{ port: number; profile: string }>(["store", "serve"], {}, at);
    assert.deepEqual(said, { profile: join(home, "p8e.json"), port: ports.store, url: store });
    const access = join(home, ".p8e/store/store.json");
    assert.equal(statSync(access).mode & 0o777, 0o600);
    assert.equal(JSON.parse(readFileSync(access, "utf8")).format, 1);
  });

  it("the account is shown and funded, and can take part then; funding again sends nothing", async () => {
    type Shown = { readonly state: string; readonly balance: string };
    assert.equal((await p8e.json<Shown>(["account", "show"], at)).state, "absent");
    const funded = await p8e.json<{ amount: string; introduction?: object }>(["account", "fund"], at);
    assert.ok(BigInt(funded.amount) > 0n);
    assert.ok(funded.introduction);
    const shown = await p8e.json<Shown>(["account", "show"], at);
    assert.equal(shown.state, "ready");
    const again = await p8e.json<{ introduction?: object }>(["account", "fund"], at);
    assert.equal(again.introduction, undefined);
  });

  it("what is put is got by the party itself, without --as and --store, from any folder below", async () => {
    writeFileSync(p8e.path("file"), "content");
    const stored = await p8e.json<{ hash: string; profile: string; readers: string[] }>(["put", "../file"], at);
    assert.equal(stored.profile, join(home, "p8e.json"));
    assert.deepEqual(stored.readers, ["alice"]);
    await p8e.json(["get", stored.hash, "--out", p8e.path("got")], { cwd: join(home, ".p8e/keys") });
    assert.equal(readFileSync(p8e.path("got"), "utf8"), "content");
    const { objects } = await p8e.json<{ objects: { readers: object[] }[] }>(["inspect", stored.hash], at);
    assert.equal(objects[0]?.readers.length, 1);
    const told = (await p8e.run(["put", "../file", "--for", "alice"], at)).stdout.toString();
    assert.ok(told.includes("encrypted for Alice, stored durably"), told);
    assert.ok(told.includes(`npx p8e get ${stored.hash} --from alice --out ./`), told);
    assert.equal((await p8e.refused(10, ["get", stored.hash, "--as", "bob"], {}, at)).code, "key.unavailable");
    assert.equal((await p8e.refused(10, ["put", "../file", "--for", "bob"], {}, at)).code, "key.unavailable");
    assert.equal((await p8e.json<{ ok: boolean }>(["doctor"], at)).ok, true);
  });

  it("an unknown address is refused with the command that makes a partner known", async () => {
    const stranger = "tp196g09ugqd0rhkqgu4cnd97e65akeq9dmhttc25";
    const error = await p8e.refused(10, ["put", "../file", "--for", stranger], {}, at);
    assert.equal(error.code, "key.unavailable");
    assert.match(error.hint ?? "", /p8e party add/);
  });

  it("a node that is not what the profile says is an error of its own", async () => {
    const other = { ...networks.local, name: "other", chainId: "other-1" };
    writeFileSync(p8e.path("other.json"), JSON.stringify(networkToJson(other)));
    const made = await p8e.json<Initialised>([
      ...["init", "carol", "--name", "carol", "--plain", "--network", p8e.path("other.json"), "--node", node],
      ...["--store", "grpc://127.0.0.1:1"],
    ]);
    assert.match(
      made.unchecked.join(),
      /is not the one that the profile needs: the node serves chain-local, not other-1/,
    );
    const error = await p8e.refused(13, ["account", "show"], {}, { cwd: p8e.path("carol") });
    assert.equal(error.code, "ledger.wrong_network");
    assert.deepEqual(error.facts, { expected: "other-1", actual: "chain-local" });

    const prefixed = { ...networks.local, name: "prefixed", accountPrefix: "cosmos" };
    writeFileSync(p8e.path("prefixed.json"), JSON.stringify({ format: 1, ...prefixed }));
    await p8e.json([
      ...["init", "dora", "--name", "dora", "--plain", "--network", p8e.path("prefixed.json"), "--node", node],
      ...["--store", "grpc://127.0.0.1:1"],
    ]);
    const second = await p8e.refused(13, ["account", "show"], {}, { cwd: p8e.path("dora") });
    assert.equal(second.code, "ledger.wrong_network");
    assert.deepEqual(second.facts, { expected: "cosmos", actual: "tp" });
  });

  it("a URL that leads to the other kind of server is told as that", async () => {
    const mixed = (name: string, its: { node: string; store: string }) =>
      p8e.json([...["init", name, "--name", name, "--plain", "--node", its.node, "--store", its.store]]);
    await mixed("gina", { node: store, store: "grpc://127.0.0.1:1" });
    const noNode = await p8e.refused(22, ["account", "show"], {}, { cwd: p8e.path("gina") });
    assert.equal(noNode.code, "rpc.unimplemented");
    assert.equal(noNode.message, `what answers as the node of the network local, ${store}, is no node of a chain`);
    assert.equal(noNode.hint, `node.url in ${p8e.path("gina", "p8e.json")} leads to another server: check it.`);
    await mixed("hugo", { node, store: node });
    const noStore = await p8e.refused(22, ["put", "../file"], {}, { cwd: p8e.path("hugo") });
    assert.equal(noStore.code, "rpc.unimplemented");
    assert.equal(noStore.message, `what answers as the store of Hugo, ${node}, is no object store`);
    assert.equal(noStore.hint, `store.url in ${p8e.path("hugo", "p8e.json")} leads to another server: check it.`);
  });

  it("an older node, which has no flat fees, is told with its version", async () => {
    await using older = await proxyNode(node);
    older.fault("Params", { status: 12, message: "unknown service provenance.flatfees.v1.Query" }, 100);
    older.fault("GetNodeInfo", { reply: (message) => ofVersion("v1.25.0", message) }, 100);
    const made = await p8e.json<Initialised>([
      ...["init", "erin", "--name", "erin", "--plain", "--node", older.url, "--store", "grpc://127.0.0.1:1"],
    ]);
    assert.match(made.unchecked.join(), /1\.26 or later/);
    const error = await p8e.refused(13, ["account", "show"], {}, { cwd: p8e.path("erin") });
    assert.equal(error.code, "ledger.unsupported_version");
    assert.deepEqual(error.facts, { version: "v1.25.0" });
    assert.match(error.hint ?? "", /newer version/);
  });

  it("init limits what a transaction may cost on a network whose coin is scarce, and nowhere else", async () => {
    const fay = ["init", "fay", "--name", "fay", "--plain", "--network", "testnet", "--node", "grpc://127.0.0.1:1"];
    await p8e.json([...fay, "--store", "grpc://127.0.0.1:1"]);
    const feeMaxOf = (folder: string) => JSON.parse(readFileSync(p8e.path(folder, "p8e.json"), "utf8")).feeMax;
    assert.deepEqual([feeMaxOf("fay"), feeMaxOf("alice"), feeMaxOf("carol")], ["$25", undefined, undefined]);
  });

  it("reset refuses while the store runs", async () => {
    const error = await p8e.refused(13, ["reset", "--yes"], {}, at);
    assert.equal(error.code, "environment.in_use");
  });

  it("a ledger without a faucet says so; one that is gone is unavailable", async () => {
    await stop(ledger);
    const gone = await p8e.refused(30, ["account", "show"], {}, at);
    assert.equal(gone.code, "ledger.unavailable");
    assert.equal(gone.message, `the node of the network local, ${node}, cannot be reached`);
    assert.equal(
      gone.hint,
      `p8e ledger serve runs one for tests; if it should be elsewhere, check node.url in ${join(home, "p8e.json")}.`,
    );
    const serving = ["ledger", "serve", "--listen", `127.0.0.1:${ports.ledger}`];
    ({ child: ledger } = await p8e.serving<object>(serving, {}, { cwd: p8e.folder }));
    assert.equal((await p8e.json<{ state: string }>(["account", "show"], at)).state, "ready");
    const error = await p8e.refused(22, ["account", "fund"], {}, at);
    assert.equal(error.code, "rpc.unimplemented");
    assert.match(error.message, /not a local ledger/);
  });

  it("reset removes store and state and leaves keys and profile", async () => {
    await p8e.stopAll();
    assert.equal((await p8e.refused(2, ["reset"], {}, at)).code, "input.invalid");
    const done = await p8e.json<{ removed: string[] }>(["reset", "--yes"], at);
    assert.deepEqual(done.removed, ["store", "state"]);
    assert.deepEqual(globSync("*", { cwd: join(home, ".p8e") }).sort(), ["folder.lock", "keys", "store"]);
    assert.ok(!existsSync(join(home, ".p8e/store/store.json")));
    assert.deepEqual(globSync("**/folder.lock", { cwd: join(home, ".p8e/store") }).sort(), [
      "folder.lock",
      "postgres/folder.lock",
    ]);
    assert.ok(existsSync(join(home, "p8e.json")));
    assert.ok(address.startsWith("tp1"));
  });

  it("no output has held a part of a key", () => {
    const text = p8e.printed.join("\n");
    for (const file of globSync("*/.p8e/keys/*", { cwd: p8e.folder })) {
      for (const secret of readFileSync(p8e.path(file), "utf8").split(/[^0-9A-Za-z+/]+/)) {
        assert.ok(secret.length < 20 || !text.includes(secret), `${file} was printed`);
      }
    }
  });
});
