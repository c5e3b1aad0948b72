import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { publicKeyFromBase64 } from "@p8e/crypto";
import { freePort } from "@p8e/machine";
import { ObjectClient } from "@p8e/object-client";
import { readProfile, registerPendingPartners } from "@p8e/party";
import { eventually } from "@p8e/testkit";
import { type OwnParty, ownParty } from "./support/own-party.ts";
import { CommandLine } from "./support/p8e.ts";
import { openTables } from "./support/store-tables.ts";
import { onTerminal } from "./support/terminal.ts";

// Two parties with keys of their own, each with one of the stores that an environment runs. Wrong cards:
// packages/party/test/party-card.test.ts.

interface CardShown {
  readonly card: Readonly<Record<string, unknown>>;
  readonly fingerprint: string;
}
interface PartnerShown {
  readonly name: string;
  readonly title: string;
  readonly storeUrl: string;
  readonly signingKey: string;
  readonly encryptionKey: string;
  readonly address: string;
  readonly fingerprint: string;
  readonly registered: boolean;
  readonly before?: { readonly storeUrl: string; readonly fingerprint: string };
}

const cli = new CommandLine();
let acme: OwnParty;
let zenith: OwnParty;
after(() => cli[Symbol.asyncDispose]());

before(async () => {
  await cli.up();
  const { parties, ledgerUrl } = JSON.parse(readFileSync(join(cli.data, "environment.json"), "utf8"));
  const make = async (name: string, whose: string) => {
    const { storeUrl } = parties.find((each: { name: string }) => each.name === whose);
    const store = { data: join(cli.data, "stores", whose) };
    const party = await ownParty(cli, name, { storeUrl, nodeUrl: ledgerUrl, store });
    await using client = new ObjectClient({ url: storeUrl });
    for (const key of [party.profile.party.signingKey, party.profile.party.encryptionKey]) {
      await client.registerKey(publicKeyFromBase64(key));
    }
    return party;
  };
  acme = await make("acme", "lender");
  zenith = await make("zenith", "bank");
});

const partnersOf = async (party: OwnParty) =>
  (await cli.json<{ readonly partners: readonly PartnerShown[] }>(["party", "list"], party.as)).partners;

async function registeredAt(store: string, key: string): Promise<string | undefined> {
  await using tables = await openTables(cli.data, store);
  const rows = await tables.rows("SELECT url FROM public_key WHERE public_key = $1", [key]);
  return (rows[0] as { url: string } | undefined)?.url;
}

describe("two parties", () => {
  it("exchange cards, and the store of each knows where the other's is", async () => {
    const text = await cli.run(["party", "card"], acme.as);
    assert.equal(text.code, 0, text.stderr);
    writeFileSync(cli.path("acme.card"), text.stdout);
    const { card, fingerprint } = await cli.json<CardShown>(["party", "card"], acme.as);
    assert.ok(text.stderr.includes(fingerprint));
    assert.match(text.stderr, /only programs on this machine/);
    assert.equal(card.storeUrl, acme.profile.party.storeUrl);

    const added = await cli.json<PartnerShown>(["party", "add", "acme.card", "--fingerprint", fingerprint], zenith.as);
    const { name, title, address, signingKey, encryptionKey, storeUrl } = acme.profile.party;
    const { profile: _, ...shown } = added as PartnerShown & { profile: string };
    const known = { name, title, address, signingKey, encryptionKey, storeUrl, fingerprint, registered: true };
    assert.deepEqual(shown, known);
    assert.deepEqual(await partnersOf(zenith), [known]);
    for (const key of [signingKey, encryptionKey]) assert.equal(await registeredAt("bank", key), storeUrl);

    const out = await cli.json<CardShown>(["party", "card", "--out", "zenith.card"], zenith.as);
    const input = readFileSync(cli.path("zenith.card"));
    const other = await onTerminal(
      cli.folder,
      ["party", "add", "zenith.card", "--profile", acme.file],
      [["[y/N]", "y\r"]],
    );
    assert.equal(other.code, 0, other.shown);
    assert.ok(other.shown.includes(out.fingerprint));
    const again = ["party", "add", "-", "--fingerprint", out.fingerprint];
    assert.equal((await cli.json<PartnerShown>(again, { ...acme.as, input })).name, "zenith");
    assert.equal((await partnersOf(acme)).length, 1);
  });

  it("read what the other put for them, by name or address, from their own store", async () => {
    for (const [from, to, reader] of [
      [acme, zenith, "zenith"],
      [zenith, acme, acme.profile.party.address],
    ] as const) {
      const { name } = from.profile.party;
      writeFileSync(cli.path("loan.txt"), `from ${name}`);
      const { hash } = await cli.json<{ readonly hash: string }>(["put", "loan.txt", "--for", reader], from.as);
      const read = ["get", hash, "--from", name, "--out", cli.path(`from-${name}`)];
      await eventually(
        "the object has come",
        () => cli.run(read, to.as),
        ({ code }) => code === 0,
      );
      assert.equal(readFileSync(cli.path(`from-${name}`), "utf8"), `from ${name}`);
    }
  });

  it("need the fingerprint to be confirmed", async () => {
    const before = readFileSync(acme.file, "utf8");
    const silent = await cli.refused(2, ["party", "add", "zenith.card"], {}, acme.as);
    assert.equal(silent.code, "input.invalid");
    assert.match(silent.hint!, /--fingerprint/);
    const { fingerprint } = silent.facts as { fingerprint: string };
    const wrong = fingerprint.replace(/^./, (first) => (first === "0" ? "1" : "0"));
    const other = await cli.refused(12, ["party", "add", "zenith.card", "--fingerprint", wrong], {}, acme.as);
    assert.equal(other.code, "signature.unexpected_signer");
    const no = await onTerminal(cli.folder, ["party", "add", "zenith.card", "--profile", acme.file], [["[y/N]", "\r"]]);
    assert.equal(no.code, 130, no.shown);
    assert.equal(readFileSync(acme.file, "utf8"), before);
  });

  it("see old and new when a card changes, and lose the old keys when those do", async () => {
    const nodeUrl = acme.profile.node.url;
    const moved = await ownParty(cli, "moved", { storeUrl: "grpc://elsewhere.example.com:8080", nodeUrl });
    const card = await cli.json<CardShown>(["party", "card", "--out", "moved.card"], moved.as);
    const add = ["party", "add", "moved.card", "--name", "zenith"];
    const plain = await onTerminal(cli.folder, [...add, "--profile", acme.file], [["[y/N]", "n\r"]]);
    assert.match(plain.shown, /known here with OTHER keys/);
    assert.match(plain.shown, new RegExp(`until now ${zenith.profile.party.storeUrl}`));
    const old = zenith.profile.party;
    assert.equal(await registeredAt("lender", old.encryptionKey), old.storeUrl);
    const changed = await cli.json<PartnerShown>([...add, "--fingerprint", card.fingerprint], acme.as);
    assert.equal(changed.before!.storeUrl, old.storeUrl);
    assert.notEqual(changed.before!.fingerprint, changed.fingerprint);
    assert.equal(await registeredAt("lender", old.encryptionKey), undefined);
    assert.equal(await registeredAt("lender", old.signingKey), undefined);
    assert.equal(await registeredAt("lender", changed.encryptionKey), "grpc://elsewhere.example.com:8080");
  });

  it("forget a partner with what waits for it", async () => {
    writeFileSync(cli.path("loan.txt"), "it never arrives");
    await cli.json(["put", "loan.txt", "--for", "zenith"], acme.as);
    const [partner] = await partnersOf(acme);
    const waiting = async () => {
      await using tables = await openTables(cli.data, "lender");
      return await tables.rows("SELECT 1 FROM object_replication WHERE public_key = $1 AND replicated_at IS NULL", [
        partner!.encryptionKey,
      ]);
    };
    assert.equal((await waiting()).length, 1);
    const removed = await cli.json<{ readonly store: unknown }>(["party", "remove", partner!.address], acme.as);
    assert.deepEqual(removed.store, { keys: 2, deliveries: 1 });
    assert.deepEqual(await partnersOf(acme), []);
    assert.equal((await waiting()).length, 0);
    assert.equal(await registeredAt("lender", partner!.encryptionKey), undefined);
    const unknown = await cli.refused(10, ["put", "loan.txt", "--for", "zenith"], {}, acme.as);
    assert.match(unknown.hint!, /p8e party add/);
    assert.equal((await cli.refused(10, ["party", "remove", "zenith"], {}, acme.as)).code, "key.unavailable");
    assert.equal((await cli.refused(2, ["party", "remove", "acme"], {}, acme.as)).code, "input.invalid");
  });

  it("are as who was faster wrote them: who was asked meanwhile changes nothing", async () => {
    const { fingerprint } = await cli.json<CardShown>(["party", "card"], zenith.as);
    let written = "";
    const asked = await onTerminal(
      cli.folder,
      ["party", "add", "zenith.card", "--profile", acme.file],
      [
        [
          "[y/N]",
          async () => {
            await cli.json(["party", "add", "zenith.card", "--fingerprint", fingerprint], acme.as);
            written = readFileSync(acme.file, "utf8");
            return "y\r";
          },
        ],
      ],
    );
    assert.equal(asked.code, 18, asked.shown);
    assert.match(asked.shown, /state\.conflict: see docs\/errors\.md/);
    assert.match(asked.shown, /the profile's line of zenith was changed meanwhile/);
    assert.equal(readFileSync(acme.file, "utf8"), written);
    await cli.json(["party", "remove", "zenith"], acme.as);
  });
});

describe("a party whose store is down", () => {
  it("has its partners in the profile at once, and in its store when that starts", async () => {
    const storeUrl = `grpc://127.0.0.1:${await freePort()}`;
    const away = await ownParty(cli, "away", { storeUrl, nodeUrl: acme.profile.node.url });
    const { fingerprint } = await cli.json<CardShown>(["party", "card"], acme.as);
    const add = await cli.run(["party", "add", "acme.card", "--fingerprint", fingerprint, "--json"], away.as);
    assert.equal(add.code, 0, add.stderr);
    assert.match(add.stderr, /is told at its next start/);
    assert.equal((JSON.parse(add.stdout.toString()) as PartnerShown).registered, false);
    assert.equal((await partnersOf(away))[0]!.registered, false);

    // What `p8e store serve` does when it has started.
    await using store = new ObjectClient({ url: zenith.profile.party.storeUrl });
    assert.deepEqual(await registerPendingPartners(store, await readProfile(away.file)), ["acme"]);
    assert.equal((await partnersOf(away))[0]!.registered, true);
    assert.deepEqual(await registerPendingPartners(store, await readProfile(away.file)), []);

    // Known by its URL alone, the store keeps what it knows, and the command says so.
    const removed = await cli.run(["party", "remove", "acme"], away.as);
    assert.equal(removed.code, 0);
    assert.match(removed.stderr, /still knows acme's keys/);
    assert.deepEqual(await partnersOf(away), []);
  });
});

describe("what is no partner's card", () => {
  it("is refused for what it is, and changes nothing", async () => {
    const good = readFileSync(cli.path("acme.card"), "utf8");
    const { fingerprint } = await cli.json<CardShown>(["party", "card"], acme.as);
    const lone = await ownParty(cli, "lone", {
      storeUrl: "grpc://lone.example.com:8080",
      nodeUrl: acme.profile.node.url,
    });
    execFileSync("mkfifo", [cli.path("pipe")]);
    const before = readFileSync(lone.file, "utf8");
    for (const [content, exit, code] of [
      ["", 2, "input.invalid"],
      [good.slice(0, -40), 2, "input.invalid"],
      [good.replace("The acme", "The acne"), 20, "signature.invalid"],
      [good.replace('"chain-local"', '"pio-testnet-1"'), 13, "ledger.wrong_network"],
      [good.trimEnd().padEnd(3000), 14, "input.too_large"],
      [good.replace('"format": 1', '"format": 2'), 2, "input.invalid"],
    ] as const) {
      const add = ["party", "add", "-", "--fingerprint", fingerprint];
      assert.equal((await cli.refused(exit, add, {}, { ...lone.as, input: content })).code, code);
    }
    // A pipe is waited for, as long as it takes, and read as a file is.
    const writer = spawn("sh", ["-c", "printf nothing > pipe"], { cwd: cli.folder, stdio: "ignore" });
    for (const file of ["pipe", "none", "."]) {
      const error = await cli.refused(2, ["party", "add", file, "--fingerprint", fingerprint], {}, lone.as);
      assert.equal(error.code, "input.invalid", file);
    }
    assert.equal(writer.exitCode ?? (await once(writer, "exit"))[0], 0);
    const own = await cli.json<CardShown>(["party", "card", "--out", "lone.card"], lone.as);
    for (const [extra, exit, code] of [
      [["lone.card", "--fingerprint", own.fingerprint], 2, "input.invalid"],
      [["acme.card", "--fingerprint", fingerprint, "--name", "lone"], 2, "name.invalid"],
      [["acme.card", "--fingerprint", fingerprint, "--name", "con"], 2, "name.invalid"],
    ] as const) {
      assert.equal((await cli.refused(exit, ["party", "add", ...extra], {}, lone.as)).code, code);
    }
    assert.equal(readFileSync(lone.file, "utf8"), before);
    const shown = await cli.json<{ readonly signingKey: string; readonly opened: boolean }>(
      ["key", "show", "--check"],
      lone.as,
    );
    assert.equal(shown.signingKey, lone.profile.party.signingKey);
    assert.equal(shown.opened, true);
  });
});
