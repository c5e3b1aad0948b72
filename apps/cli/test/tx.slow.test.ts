import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { create, setExtension, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, MessageOptionsSchema } from "@bufbuild/protobuf/wkt";
import { freePort } from "@p8e/machine";
import { signer } from "@p8e/proto/reflection";
import { CommandLine } from "./support/p8e.ts";
import { onTerminal } from "./support/terminal.ts";

interface Sent {
  readonly transaction: string;
  readonly height: string;
  readonly fee: string;
  readonly messages: readonly object[];
}

/** A set with one message of the module that binds names, as its .proto file describes it. */
function bindName(): Uint8Array {
  const options = create(MessageOptionsSchema);
  setExtension(options, signer, ["parent"]);
  const field = { name: "parent", jsonName: "parent", number: 1, type: 9, label: 1 };
  const messageType = [{ name: "MsgBindNameRequest", options, field: [field] }];
  const file = [{ name: "name/tx.proto", package: "provenance.name.v1", syntax: "proto3", messageType }];
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
}

describe("p8e tx on the embedded ledger", { timeout: 300_000 }, async () => {
  const p8e = new CommandLine({ data: false });
  after(() => p8e[Symbol.asyncDispose]());
  const at = { cwd: p8e.path("alice") };
  const port = await freePort();
  let address: string;
  let sent: Sent;

  before(async () => {
    await p8e.serving(["ledger", "serve", "--faucet", "--listen", `127.0.0.1:${port}`], {}, { cwd: p8e.folder });
    const servers = ["--node", `grpc://127.0.0.1:${port}`, "--store", "grpc://127.0.0.1:1", "--store-elsewhere"];
    const init = ["init", "alice", "--name", "alice", "--plain", ...servers];
    ({ address } = (await p8e.json<{ party: { address: string } }>(init)).party);
    await p8e.json(["account", "fund"], at);
  });

  const write = (name: string, value: object | Uint8Array) => {
    mkdirSync(at.cwd, { recursive: true });
    const path = join(at.cwd, name);
    writeFileSync(path, value instanceof Uint8Array ? value : JSON.stringify(value));
    return path;
  };
  const send = (denom = "nhash") => ({
    "@type": "/cosmos.bank.v1beta1.MsgSend",
    from_address: address,
    to_address: address,
    amount: [{ denom, amount: "1" }],
  });

  it("shows messages and price before anything is signed, and signs nothing without a yes", async () => {
    const file = write("send.json", send());
    const dry = await p8e.json<Sent & { dryRun: boolean }>(["tx", "send", file, "--dry-run"], at);
    assert.deepEqual([dry.dryRun, dry.messages], [true, [send()]]);
    const { stdout } = await p8e.call(["tx", "send", file, "--dry-run"], at);
    assert.match(stdout.toString(), /"@type": "\/cosmos.bank.v1beta1.MsgSend"/);
    assert.match(stdout.toString(), /costs +\$0\.05 of test money\n/);
    const nobody = await p8e.refused(2, ["tx", "send", file], {}, at);
    assert.match(nobody.hint ?? "", /--yes/);
    const ceiling = await p8e.refused(13, ["tx", "send", file, "--yes", "--fee-max", "1nhash"], {}, at);
    assert.equal(ceiling.code, "ledger.fee_ceiling");
    assert.deepEqual((await p8e.json<{ transactions: object[] }>(["tx", "show"], at)).transactions, []);
  });

  it("sends a list or an unsigned transaction as one, and tells its hash before it is sent", async () => {
    const unsigned = write("unsigned.json", { body: { messages: [send(), send()], memo: "twice" }, auth_info: {} });
    const { code, stdout, stderr } = await p8e.call(["tx", "send", unsigned, "--yes", "--json"], at);
    assert.equal(code, 0, stderr);
    sent = JSON.parse(stdout.toString()) as Sent;
    assert.deepEqual(sent.messages, [send(), send()]);
    const told = JSON.parse(stderr) as { transaction: string; timeoutHeight: string };
    assert.equal(told.transaction, sent.transaction);
    assert.ok(BigInt(told.timeoutHeight) > BigInt(sent.height));
    const { transactions } = await p8e.json<{ transactions: { transaction: string }[] }>(["tx", "show"], at);
    assert.deepEqual(
      transactions.map(({ transaction }) => transaction),
      [sent.transaction],
    );
  });

  it("show tells what became of a transaction, whoever sent it", async () => {
    type Shown = { standing: string; height: string; fee: string };
    const { standing, height, fee } = await p8e.json<Shown>(["tx", "show", sent.transaction.toLowerCase()], at);
    assert.deepEqual([standing, height, fee], ["included", sent.height, sent.fee]);
    const nobody = ["--node", `grpc://127.0.0.1:${port}`, "--network", "local"];
    const elsewhere = await p8e.json<Shown>(["tx", "show", sent.transaction, ...nobody], { cwd: p8e.folder });
    assert.deepEqual([elsewhere.standing, elsewhere.height], ["included", sent.height]);
    assert.equal((await p8e.refused(10, ["tx", "show", "0".repeat(64)], {}, at)).code, "ledger.not_found");
    assert.equal((await p8e.refused(2, ["tx", "show", "zz"], {}, at)).code, "input.invalid");
  });

  it("asks on a terminal", async () => {
    const no = await onTerminal(at.cwd, ["tx", "send", "send.json"], [["[y/N] ", "n\n"]]);
    assert.notEqual(no.code, 0);
    assert.match(no.shown, /nothing was signed/);
    const yes = await onTerminal(at.cwd, ["tx", "send", "send.json"], [["[y/N] ", "y\n"]]);
    assert.equal(yes.code, 0, yes.shown);
    assert.match(yes.shown, /transaction [0-9A-F]{64}, which no block after \d+ can have/);
  });

  it("an account that was sent money can take part after its introduction", async () => {
    const servers = ["--node", `grpc://127.0.0.1:${port}`, "--store", "grpc://127.0.0.1:1", "--store-elsewhere"];
    const bob = { cwd: p8e.path("bob") };
    const init = ["init", "bob", "--name", "bob", "--plain", ...servers];
    const made = await p8e.json<{ party: { address: string } }>(init);
    assert.equal((await p8e.refused(10, ["account", "introduce"], {}, bob)).code, "ledger.account_not_found");
    const gift = { ...send(), to_address: made.party.address, amount: [{ denom: "nhash", amount: "9000000000" }] };
    await p8e.json(["tx", "send", write("gift.json", gift), "--yes"], at);
    const { stdout } = await p8e.call(["account", "show", "--verbose"], bob);
    assert.match(stdout.toString(), /balance +9 test coins \(9000000000 nhash\)\n/);
    assert.match(stdout.toString(), /never signed.*p8e account introduce/);
    type Introduced = { introduction?: { transaction: string; fee: string } };
    const { introduction } = await p8e.json<Introduced>(["account", "introduce"], bob);
    assert.match(introduction!.transaction, /^[0-9A-F]{64}$/);
    assert.equal(introduction!.fee, "2000000000");
    assert.equal((await p8e.json<{ state: string }>(["account", "show"], bob)).state, "ready");
    assert.equal((await p8e.json<Introduced>(["account", "introduce"], bob)).introduction, undefined);
  });

  it("messages of other modules are not supported here, and the real ledger is named", async () => {
    const file = write("name.json", { "@type": "/provenance.name.v1.MsgBindNameRequest", parent: address });
    const unknown = await p8e.refused(22, ["tx", "send", file, "--yes"], {}, at);
    assert.deepEqual(
      [unknown.code, unknown.facts.type],
      ["rpc.unimplemented", "provenance.name.v1.MsgBindNameRequest"],
    );
    assert.match(unknown.hint ?? "", /--ledger provenanced/);
    const types = write("types.binpb", bindName());
    const described = await p8e.refused(13, ["tx", "send", file, "--yes", "--types", types], {}, at);
    assert.match(described.message, /is not supported by the embedded ledger/);
    assert.match(described.hint ?? "", /--ledger provenanced/);
    const others = write("foreign.json", { ...send(), from_address: "tp196g09ugqd0rhkqgu4cnd97e65akeq9dmhttc25" });
    const foreign = await p8e.refused(2, ["tx", "send", others, "--yes"], {}, at);
    assert.match(foreign.message, /must be signed by others than alice/);
  });
});
