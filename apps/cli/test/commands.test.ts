import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parseUuid, sessionAddress, type Uuid } from "@p8e/core";
import { privateKeyFromMnemonic } from "@p8e/crypto";
import { readEnvironmentFile } from "@p8e/environment";
import { profilesOf } from "@p8e/environment/profiles";
import { developmentParties, openParty, readStoreFile } from "@p8e/party";
import { eventually } from "@p8e/testkit";
import { CommandLine, root } from "./support/p8e.ts";
import { openTables } from "./support/store-tables.ts";
import { arrived, verifiedBy, worldOf } from "./support/world-of.ts";

const hello = join(root, "examples/hello/src/contract.ts");
const NOWHERE = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

interface Put {
  readonly hash: string;
  readonly plaintextBytes: number;
  readonly storedBytes: number;
  readonly readers: readonly string[];
}

interface Listed {
  readonly hash: string;
  readonly name?: string;
  readonly storedAt: string;
}

interface Executed {
  readonly scope: string;
  readonly session: string;
  readonly records: readonly { readonly record: string; readonly outcome: string; readonly hash: string }[];
}

describe("the commands", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  const content = randomBytes(300_000);
  let up: Awaited<ReturnType<CommandLine["up"]>>;
  let stored: Put;
  let published: string;
  let greeted: Executed;

  const greet = (input: string, ...more: string[]) => [
    ...["contract", "execute", "example.hello.Greet", "--as", "lender", "--input", `person=${input}`],
    ...more,
  ];

  before(async () => {
    writeFileSync(p8e.path("file.bin"), content);
    writeFileSync(p8e.path("empty"), "");
    writeFileSync(p8e.path("ada.json"), '{"name":"Ada"}');
    writeFileSync(p8e.path("blank.json"), '{"name":" "}');
    writeFileSync(p8e.path("half.json"), '{"name":');
    writeFileSync(p8e.path("unknown.json"), '{"nome":"Ada"}');
    writeFileSync(p8e.path("typed.json"), '{"name":["a secret"]}');
    writeFileSync(p8e.path("noise.binpb"), randomBytes(50).fill(0xff));
    writeFileSync(p8e.path("syntax.ts"), "export default = 3;\n");
    writeFileSync(p8e.path("late.ts"), "export default Date.now();\n");
    writeFileSync(p8e.path("none.ts"), "export const nothing = 3;\n");
    up = await p8e.up();
  });
  after(() => p8e[Symbol.asyncDispose]());

  describe("for objects", () => {
    it("put stores a file for several readers, and get writes exactly that file", async () => {
      stored = await p8e.json<Put>(["put", "file.bin", "--store", "lender", "--for", "bank"]);
      assert.equal(stored.plaintextBytes, content.length);
      assert.ok(stored.storedBytes > content.length);
      assert.deepEqual(stored.readers, ["lender", "bank"]);
      await arrived(p8e, stored.hash);
      const got = await p8e.json<object>(["get", stored.hash, "--as", "bank", "--from", "lender", "--out", "got.bin"]);
      assert.deepEqual(readFileSync(p8e.path("got.bin")), content);
      assert.equal(statSync(p8e.path("got.bin")).mode & 0o777, 0o600);
      assert.deepEqual(
        { ...got, signer: undefined },
        {
          profile: join(p8e.data, "environment.json"),
          ...{ hash: stored.hash, out: "got.bin", size: content.length, signer: undefined, signerName: "Lender" },
          file: { name: "file.bin", mediaType: "application/octet-stream" },
        },
      );
    });

    it("the beginning of a hash names it, of what is one's own, in a store, or stored from here", async () => {
      const beginning = stored.hash.slice(0, 8);
      const { hash } = await p8e.json<{ hash: string }>([
        "get",
        beginning,
        "--as",
        "bank",
        "--out",
        "by-beginning.bin",
      ]);
      assert.equal(hash, stored.hash);
      const looked = await p8e.json<{ objects: [{ hash: string }] }>(["inspect", beginning, "--store", "lender"]);
      assert.equal(looked.objects[0].hash, stored.hash);
      const error = await p8e.refused(10, ["get", "AAAAAAAA", "--as", "bank"]);
      assert.deepEqual([error.code, error.facts], ["object.not_found", { beginning: "AAAAAAAA" }]);
      assert.equal((await p8e.refused(2, ["get", stored.hash.slice(0, 3), "--as", "bank"])).code, "hash.invalid");
    });

    it("@last is what was stored last, for each party of the environment", async () => {
      const { objects } = await p8e.json<{ objects: [{ hash: string }] }>(["why", "@last", "--store", "lender"]);
      assert.equal(objects[0].hash, stored.hash);
      const { code, stdout, stderr } = await p8e.call(["verify", "@last", "--as", "bank"]);
      assert.equal(code, 0, stderr);
      assert.ok(stderr.includes(`@last is ${stored.hash}`));
      assert.ok(stdout.toString().includes("signed by"));
      const error = await p8e.refused(2, ["scope", "show", "@last"]);
      assert.equal(error.message, "@last names nothing: no scope was written from here yet");
    });

    it("get without a file gives the content alone on standard output", async () => {
      const { code, stdout, stderr } = await p8e.run(["get", stored.hash, "--as", "bank"]);
      assert.equal(code, 0);
      assert.deepEqual(stdout, content);
      assert.equal(stderr, "");
    });

    it("get says nothing and stops when nobody reads its output any more", async () => {
      const child = p8e.start(["get", stored.hash, "--as", "lender"]);
      let stderr = "";
      child.stderr!.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.stdout!.once("data", () => child.stdout!.destroy());
      const [code] = await once(child, "exit");
      // Whether the pipe held all of it before it closed is the system's affair.
      assert.ok(code === 141 || code === 0, `exit ${code}`);
      assert.equal(stderr, "");
    });

    it("a file gets its own name again, in a folder or beside a terminal, and replaces none", async () => {
      const got = await p8e.json<{ out: string; file: object }>([
        ...["get", stored.hash, "--as", "bank", "--out", "in/there/"],
      ]);
      assert.equal(got.out, join("in/there", "file.bin"));
      assert.deepEqual(got.file, { name: "file.bin", mediaType: "application/octet-stream" });
      assert.deepEqual(readFileSync(p8e.path("in/there/file.bin")), content);
      for (const out of ["in/there/", "in/there", "in/there/file.bin"]) {
        const error = await p8e.refused(2, ["get", stored.hash, "--as", "bank", "--out", out]);
        assert.equal(error.code, "input.invalid");
        assert.match(error.message, /is there already, and is not replaced/);
      }
      writeFileSync(p8e.path("in/there/file.bin"), "older");
      await p8e.json(["get", stored.hash, "--as", "bank", "--out", "in/there/file.bin", "--force"]);
      assert.deepEqual(readFileSync(p8e.path("in/there/file.bin")), content);
      const taken = await p8e.call(["get", stored.hash, "--as", "bank"], { terminal: true });
      assert.equal(taken.code, 2);
      assert.match(taken.stderr, /file\.bin is there already/);
      renameSync(p8e.path("file.bin"), p8e.path("kept.bin"));
      const { code, stdout } = await p8e.call(["get", stored.hash, "--as", "bank"], { terminal: true });
      assert.equal(code, 0);
      assert.match(stdout.toString(), /decrypted to file\.bin;[\s\S]*stored as +file\.bin, application\/octet-stream/);
      assert.deepEqual(readFileSync(p8e.path("file.bin")), content);
    });

    it("put leaves the name out when it is told so", async () => {
      writeFileSync(p8e.path("nameless.txt"), "nameless");
      const { hash } = await p8e.json<Put>(["put", "nameless.txt", "--store", "lender", "--no-name"]);
      const got = await p8e.json<{ out: string; file?: object }>(["get", hash, "--as", "lender", "--out", "in"]);
      assert.equal(got.file, undefined);
      assert.match(got.out, /^in.object-[A-Za-z0-9]{12}$/);
      assert.equal(readFileSync(p8e.path(got.out), "utf8"), "nameless");
    });

    it("an empty file is a file", async () => {
      const { hash } = await p8e.json<Put>(["put", "empty", "--store", "lender"]);
      await p8e.json(["get", hash, "--as", "lender", "--out", "got-empty"]);
      assert.equal(statSync(p8e.path("got-empty")).size, 0);
    });

    it("who is not in the audience has no such object", async () => {
      const { hash } = await p8e.json<Put>(["put", "ada.json", "--store", "lender"]);
      const error = await p8e.refused(10, ["get", hash, "--as", "bank"]);
      assert.equal(error.code, "object.not_found");
      assert.equal(error.facts.hash, hash);
    });

    it("a file that somebody else signed is not written when the signer is named", async () => {
      const error = await p8e.refused(12, ["get", stored.hash, "--as", "bank", "--from", "bank", "--out", "wrong.bin"]);
      assert.equal(error.code, "signature.unexpected_signer");
      assert.match(error.message, /^Warehouse bank has not signed this object/i);
      assert.deepEqual(error.facts, { hash: stored.hash, party: "bank" });
      assert.ok(!existsSync(p8e.path("wrong.bin")));
    });

    it("inspect shows what a store knows, and why where an object went", async () => {
      const { objects } = await p8e.json<{ objects: [Record<string, unknown>] }>([
        ...["inspect", stored.hash, "--store", "lender"],
      ]);
      const [object] = objects;
      assert.equal(object.hash, stored.hash);
      assert.equal(object.contentLength, String(content.length));
      assert.equal(object.storedLength, String(stored.storedBytes));
      assert.equal(object.replica, false);
      assert.equal((object.place as { kind: string }).kind, "storage");
      assert.equal((object.readers as unknown[]).length, 2);
      const { readers } = await p8e.json<{ readers: { party: string; since: string }[] }>([
        ...["inspect", stored.hash, "--store", "lender"],
      ]);
      assert.deepEqual(readers.map(({ party }) => party).toSorted(), ["bank", "lender"]);
      for (const { since } of readers) assert.equal(since, object.createdAt);
      assert.match(String(object.createdAt), /^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/);
      const said = await p8e.text(["why", stored.hash, "--store", "lender"]);
      assert.match(said, /Warehouse bank +replicated +grpc:\/\/127\.0\.0\.1:\d+ +the reader's store has it/);
      assert.match(said, /Lender +local/);
    });

    it("ls lists what a party's own store holds for it, the newest first, by the names of its files", async () => {
      const { objects } = await p8e.json<{ objects: Listed[]; after: null }>(["ls", "--as", "lender"]);
      const names = objects.map(({ name }) => name ?? null);
      assert.deepEqual(names.slice(0, 4), ["ada.json", "empty", null, "file.bin"]);
      const oldest = objects.find(({ hash }) => hash === stored.hash)!;
      assert.deepEqual(
        { ...oldest, signer: undefined, storedAt: undefined },
        {
          ...{ hash: stored.hash, name: "file.bin", mediaType: "application/octet-stream", from: "lender" },
          ...{ size: String(content.length), signer: undefined, storedAt: undefined },
        },
      );
      assert.ok(objects.every(({ storedAt }) => !Number.isNaN(Date.parse(storedAt))));
      const rest = await p8e.json<{ objects: Listed[] }>(["ls", "--as", "lender", "--after", objects[1]!.hash]);
      assert.deepEqual(rest.objects, objects.slice(2));
      const banks = await p8e.text(["ls", "--as", "bank"]);
      assert.match(banks, /^ *file\.bin +Lender +\S+Z +300 KB/m);
      assert.ok(!banks.includes("ada.json"));
    });

    it("replication is listed, paused, resumed and tried again", async () => {
      const steer = <T>(...args: readonly string[]) =>
        p8e.json<T>(["store", "replication", ...args, "--store", "lender"]);
      type Listed = { readonly peers: [{ readonly url: string; readonly state: string }]; readonly refused: unknown[] };
      const before = await steer<Listed>("list");
      const [{ url }] = before.peers;
      assert.notEqual(before.peers[0].state, "paused");
      assert.equal((await steer<{ paused: boolean }>("pause", url)).paused, true);
      assert.equal((await steer<Listed>("list")).peers[0].state, "paused");
      assert.equal((await steer<{ paused: boolean }>("resume", url)).paused, false);
      assert.equal((await steer<{ deliveries: number }>("retry", "--to", url)).deliveries, 0);
      const error = await p8e.refused(2, ["store", "replication", "pause", "grpc://nobody:1", "--store", "lender"]);
      assert.equal(error.code, "input.invalid");
    });
  });

  describe("for contracts", () => {
    it("check tells functions, inputs and records", async () => {
      const said = await p8e.text(["contract", "check", hello]);
      assert.match(said, /greet +OWNER +person +greeting/);
    });

    it("publish --plan says what it would write and writes nothing; publish does it, once", async () => {
      const before = await worldOf(p8e);
      const publish = ["contract", "publish", hello, "--as", "lender"];
      const plan = await p8e.json<{ contract: string; steps: string[]; fee: string }>([...publish, "--plan"]);
      assert.equal(plan.steps.length, 4);
      assert.deepEqual(await worldOf(p8e), before);
      const planned = await p8e.text([...publish, "--plan"]);
      const done = await p8e.json<{ contract: string; transactions: string[]; fee: string }>([
        ...publish,
        "--for",
        "bank",
      ]);
      assert.deepEqual([done.contract, done.fee], [plan.contract, plan.fee]);
      published = done.contract;
      // Two specifications and a record's at $0.50 each, a link at $1.00.
      assert.match(planned, /It would cost \$2\.50 of test money\.\n/);
      assert.equal(done.transactions.length, 1);
      const again = await p8e.json<{ steps: string[] }>([...publish, "--plan"]);
      assert.deepEqual(again.steps, []);
      assert.match(await p8e.text(publish), /was published before; nothing to write/);
    });

    it("a rule that does not hold is named with its field; nothing is stored, nothing is written", async () => {
      const before = await worldOf(p8e);
      const error = await p8e.refused(16, greet("blank.json", "--new-scope", "example.hello", "--share", "bank"));
      assert.equal(error.code, "contract.failed");
      assert.equal(error.facts.rule, "name-given");
      // Its publisher has the source map.
      assert.deepEqual([error.facts.file, error.facts.line], ["contract.ts", 22]);
      assert.equal(error.facts.field, "person.name");
      assert.deepEqual(await worldOf(p8e), before);
    });

    it("execute --dry-run runs and prices, stores nothing and writes nothing", async () => {
      const before = await worldOf(p8e);
      type Dry = { dryRun: boolean; fee: string; records: { outcome: string; fuel: number }[] };
      // An execution's fuel depends on its time, which its contract is given.
      const withoutFuel = ({ records, ...rest }: Dry) => ({
        ...rest,
        records: records.map(({ fuel: _, ...of }) => of),
      });
      const dry = await p8e.json<Dry>(greet("ada.json", "--new-scope", "example.hello", "--dry-run"));
      assert.deepEqual([dry.dryRun, dry.records[0]?.outcome], [true, "PASS"]);
      // By its address, too, which chooses a version that its name does not find any more.
      const [contract, execute, , ...rest] = greet("ada.json", "--new-scope", "example.hello", "--dry-run");
      const byAddress = await p8e.json<Dry>([contract!, execute!, published, ...rest]);
      assert.deepEqual(withoutFuel(byAddress), withoutFuel(dry));
      assert.ok(BigInt(dry.fee) > 0n);
      assert.deepEqual(await worldOf(p8e), before);
    });

    it("execute tells its price in dollars, as test money; the exact amount under --verbose", async () => {
      const dry = greet("ada.json", "--new-scope", "example.hello", "--dry-run");
      const { fee } = await p8e.json<{ fee: string }>(dry);
      const said = await p8e.text(dry);
      assert.match(said, /costs \$\d+\.\d{2,3} of test money\n/);
      assert.ok(!said.includes("nhash"));
      assert.ok((await p8e.text([...dry, "--verbose"])).includes(` of test money (${fee} nhash)\n`));
    });

    it("execute costs at most what --fee-max says; above it nothing is stored and nothing is written", async () => {
      const before = await worldOf(p8e);
      const error = await p8e.refused(13, greet("ada.json", "--new-scope", "example.hello", "--fee-max", "$0.01"));
      assert.deepEqual([error.code, error.facts.feeMax], ["ledger.fee_ceiling", "400000000"]);
      const unsaid = await p8e.refused(2, greet("ada.json", "--new-scope", "example.hello", "--fee-max", "much"));
      assert.equal(unsaid.code, "input.invalid");
      assert.deepEqual(await worldOf(p8e), before);
    });

    it("execute writes a new scope, which scope show shows and both parties can verify", async () => {
      greeted = await p8e.json<Executed>(greet("ada.json", "--new-scope", "example.hello", "--share", "bank"));
      assert.deepEqual(
        greeted.records.map(({ record, outcome }) => [record, outcome]),
        [["greeting", "PASS"]],
      );
      const shown = await p8e.json<{
        owners: string[];
        sessions: { session: string; contract: string }[];
        records: { name: string; outputs: string[] }[];
      }>(["scope", "show", greeted.scope]);
      assert.deepEqual(
        shown.sessions.map(({ session, contract }) => [session, contract]),
        [[greeted.session, "example.hello.Greet"]],
      );
      assert.deepEqual(
        shown.records.map(({ name, outputs }) => [name, ...outputs]),
        [["greeting", greeted.records[0]!.hash]],
      );
      await verifiedBy(p8e, greeted.scope, "lender");
      await verifiedBy(p8e, greeted.scope, "bank");
      const show = ["record", "show", greeted.scope, "Greeting", "--as", "bank", "--from", "lender"];
      const { value, ...about } = await p8e.json<Record<string, unknown>>(show);
      assert.deepEqual(value, { text: "Hello, Ada" });
      assert.deepEqual(
        [about.name, about.hash, about.contract, about.signerParty, about.unknownFields],
        ["greeting", greeted.records[0]!.hash, "example.hello.Greet", "lender", 0],
      );
      const printed = await p8e.call(show);
      assert.deepEqual(JSON.parse(printed.stdout.toString()), value);
      assert.match(printed.stderr, /of example\.hello\.Greet, signed by Lender; it has the hash on the ledger/);
      const absent = await p8e.refused(13, ["record", "show", greeted.scope, "none", "--as", "bank"]);
      assert.deepEqual([absent.code, absent.facts.records], ["session.record_missing", ["greeting"]]);
      const other = await p8e.refused(12, [...show.slice(0, -1), "bank"]);
      assert.equal(other.code, "signature.unexpected_signer");
      const said = await p8e.text(["verify", greeted.records[0]!.hash, "--as", "bank"]);
      assert.match(said, /decrypts, has this hash, and its signature is right/);
      assert.match(said, /signed by +Lender/);
    });
  });

  it("the story says which of its parties an environment that is up runs without", async () => {
    const { code, facts, hint } = await p8e.refused(10, ["story", "--once"]);
    assert.deepEqual([code, facts["missing"]], ["key.unavailable", ["validator", "servicer", "investor"]]);
    assert.match(hint!, /npx p8e up --parties lender,bank,validator,servicer,investor/);
  });

  it("doctor finds nothing wrong, and says who runs", async () => {
    const { ok, checks } = await p8e.json<{ ok: boolean; checks: { what: string; says: string }[] }>(["doctor"]);
    assert.ok(ok);
    assert.equal(checks.find(({ what }) => what === "environment")?.says, `runs as process ${up.pid}`);
    assert.equal(checks.filter(({ what }) => what.startsWith("store of")).length, 2);
  });

  it("doctor and store repair say what is damaged, and the store that serves sees to it", async () => {
    await using tables = await openTables(p8e.data, "lender");
    // Of an object that is no longer there: nothing is wrong with it once somebody looks.
    await tables.rows(
      "INSERT INTO p8e_object_damage (object_uuid, kind, reason, next_repair_at) VALUES (gen_random_uuid(), 'missing', 'a test says so', now() + interval '1 day')",
    );
    const { code, stdout } = await p8e.call(["doctor"]);
    assert.equal(code, 1);
    assert.match(stdout.toString(), /1 objects damaged or missing: p8e store repair/);
    const repair = await p8e.call(["store", "repair", "--store", "lender", "--json"]);
    assert.equal(repair.code, 1);
    const { missing, damaged, objects } = JSON.parse(repair.stdout.toString()) as {
      missing: number;
      damaged: number;
      objects: { kind: string; reason: string }[];
    };
    assert.deepEqual([missing, damaged], [1, 0]);
    assert.deepEqual(
      objects.map(({ kind, reason }) => ({ kind, reason })),
      [{ kind: "missing", reason: "a test says so" }],
    );
    await eventually(
      "that nothing is damaged",
      () => p8e.call(["store", "repair", "--store", "lender"]),
      (ended) => ended.code === 0,
    );
  });

  it("doctor looks at a node: what it serves and keeps, its clock, and the fees that an account has left", async () => {
    const { ledgerUrl } = (await readEnvironmentFile(p8e.data))!;
    type Report = { ok: boolean; checks: { what: string; ok: boolean; says: string }[] };
    const at = (report: Report, what: string) => report.checks.find((each) => each.what === what);
    const good = await p8e.json<Report>(["doctor", "--node", ledgerUrl, "--network", "local"]);
    assert.ok(good.ok, JSON.stringify(good));
    assert.match(at(good, "node")!.says, /serves chain-local, version \d.*, with flat fees$/);
    assert.equal(at(good, "results")?.says, "the node keeps an index of transactions");
    assert.match(at(good, "clock")!.says, /^block \d+ is .* old$/);
    assert.match(
      at(good, "account")!.says,
      /^tp1\w+ can sign, and has [\d,.]+ test coins: enough for [\d,]+ of the cheapest/,
    );

    const { code, stdout } = await p8e.call(["doctor", "--node", ledgerUrl, "--network", "testnet", "--json"]);
    assert.equal(code, 1);
    const bad = JSON.parse(stdout.toString()) as Report;
    assert.equal(at(bad, "node")?.ok, false);
    assert.match(at(bad, "node")!.says, /the node serves chain-local, not pio-testnet-1/);
    assert.equal(at(bad, "account"), undefined);
    const unknown = await p8e.refused(2, ["doctor", "--network", "mainnet"]);
    assert.equal(unknown.code, "input.invalid");
  });

  describe("given something wrong", { concurrency: 2 }, () => {
    const onNew = ["--new-scope", "example.hello"];
    const asLender = ["--as", "lender"];
    const letDate = ["--allow", "Date"];
    const wrong: readonly (readonly [title: string, exit: number, code: string, args: readonly string[]])[] = [
      ["no such file", 2, "input.invalid", ["put", "nothing", "--store", "lender"]],
      ["a folder for a file", 2, "input.invalid", ["put", ".", "--store", "lender"]],
      ["an unknown party's store", 10, "key.unavailable", ["put", "file.bin", "--store", "nobody"]],
      ["an unknown reader", 10, "key.unavailable", ["put", "file.bin", "--store", "lender", "--for", "bank,nobody"]],
      ["no store", 2, "input.invalid", ["put", "file.bin"]],
      ["a bad hash", 2, "hash.invalid", ["get", "not-a-hash", "--as", "bank"]],
      ["a hash that nobody stored", 10, "object.not_found", ["get", NOWHERE, "--as", "bank"]],
      ["a bad hash to inspect", 2, "hash.invalid", ["inspect", "!", "--store", "lender"]],
      ["an unknown hash to inspect", 10, "object.not_found", ["inspect", NOWHERE, "--store", "lender"]],
      ["nobody's store to look into", 2, "input.invalid", ["why", NOWHERE]],
      ["an unknown store to look into", 10, "key.unavailable", ["why", NOWHERE, "--store", "nobody"]],
      ["no such contract file", 2, "input.invalid", ["contract", "build", "nothing.ts"]],
      ["a syntax error", 2, "contract.build_failed", ["contract", "check", "syntax.ts"]],
      ["a name that no contract has", 2, "contract.invalid", ["contract", "check", "late.ts"]],
      [
        "a name that no contract has, to publish",
        2,
        "contract.invalid",
        ["contract", "publish", "late.ts", ...asLender],
      ],
      [
        "a name that is allowed all the same",
        16,
        "contract.no_authority",
        ["contract", "check", "late.ts", ...letDate],
      ],
      ["a module without a contract", 2, "contract.build_failed", ["contract", "check", "none.ts"]],
      ["an unknown publisher", 10, "key.unavailable", ["contract", "publish", hello, "--as", "nobody"]],
      [
        "an unknown contract",
        10,
        "contract.not_published",
        ["contract", "execute", "no.such.Contract", "--as", "lender", ...onNew],
      ],
      ["no scope", 2, "input.invalid", greet("ada.json")],
      ["two scopes", 2, "input.invalid", greet("ada.json", "--scope", "scope1x", ...onNew)],
      ["an unknown kind of scope", 10, "contract.not_published", greet("ada.json", "--new-scope", "no.such")],
      ["a bad address of a kind", 2, "address.invalid", greet("ada.json", "--new-scope", "scopespec1xx")],
      ["half a JSON", 2, "input.invalid", greet("half.json", ...onNew)],
      ["a field nobody knows", 2, "input.invalid", greet("unknown.json", ...onNew)],
      ["bytes that are no message", 2, "input.invalid", greet("noise.binpb", ...onNew)],
      ["an input file that is not there", 2, "input.invalid", greet("nothing.json", ...onNew)],
      ["an input without a file", 2, "input.invalid", greet("", ...onNew)],
      ["an unknown role", 2, "input.invalid", greet("ada.json", "--participant", "KING=lender", ...onNew)],
      ["an unknown participant", 10, "key.unavailable", greet("ada.json", "--participant", "OWNER=nobody", ...onNew)],
      ["a bad scope address", 2, "address.invalid", ["scope", "show", "scope1nothing"]],
      [
        "a scope the ledger does not have",
        10,
        "ledger.not_found",
        ["verify", "scope1qzge0zaztu65tx5x5llv5xc9ztsqxlkwel", "--as", "bank"],
      ],
      ["neither scope nor hash", 2, "hash.invalid", ["verify", "not-it", "--as", "bank"]],
      ["an unknown command", 2, "input.invalid", ["frobnicate"]],
      ["no command", 2, "input.invalid", []],
      ["half a command", 2, "input.invalid", ["contract"]],
      ["an unknown option", 2, "input.invalid", ["doctor", "--frobnicate"]],
    ];
    it("nothing to record: tells which input was not given", async () => {
      const error = await p8e.refused(13, ["contract", "execute", "example.hello.Greet", "--as", "lender", ...onNew]);
      assert.equal(error.code, "session.nothing_to_record");
      assert.equal(error.message, "no input person, so every function was skipped: there is no record to write");
    });

    for (const [title, exit, code, args] of wrong) {
      it(`${title}: ${code}, exit ${exit}`, async () => {
        const error = await p8e.refused(exit, args);
        assert.equal(error.code, code);
        assert.ok(error.message.length > 0);
        assert.ok(!JSON.stringify(error).includes("a secret"));
      });
    }

    it("a value of the wrong type is refused by field, without quoting the value", async () => {
      const error = await p8e.refused(2, greet("typed.json", ...onNew));
      assert.equal(error.code, "input.invalid");
      assert.deepEqual([error.facts.field, error.facts.reason], ["name", "is not a text"]);
      assert.ok(!JSON.stringify(error).includes("a secret"));
    });

    it("an input the contract does not take is answered with those it takes", async () => {
      const error = await p8e.refused(2, greet("ada.json", "--input", "animal=ada.json", ...onNew));
      assert.equal(error.code, "session.invalid");
      assert.deepEqual(error.facts, { input: "animal", takes: "person" });
    });

    it("an input that is absent is named, with the function that lacks it", async () => {
      const error = await p8e.refused(13, ["contract", "execute", "example.hello.Greet", "--as", "lender", ...onNew]);
      assert.deepEqual(error.facts, { skipped: ["greet (input absent: person)"] });
    });

    it("what a person is told to do next names the data folder, where it is not the default", async () => {
      const { stdout } = await p8e.call(["put", "ada.json", "--store", "lender", "--for", "bank"]);
      assert.ok(
        stdout.toString().includes(` --as bank --from lender --out ./ --data ${p8e.data}\n`),
        stdout.toString(),
      );
    });

    it("a party's name that is misspelt is guessed, in an environment and in what a profile knows", async () => {
      const misspelt = await p8e.refused(10, ["put", "ada.json", "--store", "lendr"]);
      assert.deepEqual([misspelt.code, misspelt.hint], ["key.unavailable", "Did you mean lender?"]);
      const reader = await p8e.refused(10, ["put", "ada.json", "--store", "lender", "--for", "bnak"]);
      assert.deepEqual([reader.code, reader.hint], ["key.unavailable", "Did you mean bank?"]);
    });

    it("revoke says why nothing can be taken back, and what can be done, however it is asked", async () => {
      for (const args of [["revoke"], ["revoke", stored.hash, "--from", "bank"]]) {
        const { code, message, hint } = await p8e.refused(2, args);
        assert.deepEqual(
          [code, message],
          ["input.invalid", "what somebody could open cannot be taken back: nothing was done"],
        );
        assert.match(hint!, /p8e unshare SCOPE --with PARTY ends data access/);
      }
    });

    it("a person gets a sentence, the facts, a hint and the place to read more, and no stack trace", async () => {
      const { code, stdout, stderr } = await p8e.call(["put", "file.bin", "--store", "nobody"]);
      assert.equal(code, 10);
      assert.equal(stdout.toString(), "");
      assert.match(stderr, /^✖ there is no party "nobody" in this environment\n {4}party nobody\n/);
      assert.match(stderr, /key\.unavailable: see docs\/errors\.md\n$/);
    });
  });

  describe("when the environment is down", () => {
    before(async () => {
      const exited = once(up, "exit");
      up.kill("SIGTERM");
      assert.deepEqual(await exited, [0, null]);
    });

    const commands: readonly (readonly string[])[] = [
      ["put", "file.bin", "--store", "lender"],
      ["get", NOWHERE, "--as", "bank"],
      ["inspect", NOWHERE, "--store", "bank"],
      ["contract", "publish", hello, "--as", "lender"],
      greet("ada.json", "--new-scope", "example.hello"),
      ["scope", "show", "scope1qzge0zaztu65tx5x5llv5xc9ztsqxlkwel"],
      ["verify", NOWHERE, "--as", "bank"],
    ];
    for (const args of commands) {
      it(`${args.slice(0, 2).join(" ").slice(0, 20)} says so instead of waiting`, async () => {
        const error = await p8e.refused(30, args);
        assert.equal(error.code, "environment.not_running");
        assert.match(error.message, /is not running$/);
        assert.match(error.hint!, /npm start/);
      });
    }

    it("doctor says what is wrong and ends with 1", async () => {
      const { code, stdout } = await p8e.call(["doctor"]);
      assert.equal(code, 1);
      assert.match(
        stdout.toString(),
        /✔ leave given by Lender: is not known to have been used for anything that was not approved, in 30 days/,
      );
      assert.match(stdout.toString(), /✖ environment: it exists but does not run; npm start or npx p8e up starts it/);
    });
  });

  it("doctor says who has used a party's leave for what it has not approved", async () => {
    const located = profilesOf(p8e.data, (await readEnvironmentFile(p8e.data))!).find(
      ({ profile }) => profile.party.name === "lender",
    )!;
    const [scopeUuid, sessionUuid] = [randomUUID(), randomUUID()].map(parseUuid) as [Uuid, Uuid];
    const writtenBy = located.profile.partners.find(({ name }) => name === "bank")!.address;
    {
      await using party = openParty(located, { variables: {} });
      const { leaveWatches } = await party.state();
      await leaveWatches.begin(writtenBy, 6n);
      const watch = (await leaveWatches.list()).find(({ grantee }) => grantee === writtenBy)!;
      const session = { scopeUuid, sessionUuid, onLedger: true };
      await leaveWatches.reach(watch, [{ session, writtenBy, height: 7n, atMs: Date.now() }]);
    }
    const { code, stdout } = await p8e.call(["doctor"]);
    assert.equal(code, 1);
    const used = `may have used it for ${sessionAddress(scopeUuid, sessionUuid)}, in block 7, which was not approved`;
    assert.ok(stdout.toString().includes(`✖ leave given by Lender: Warehouse bank ${used}`), stdout.toString());
  });

  it("no output and no log has held a secret or a stack trace", async () => {
    const logs = globSync(["logs/*", "postgres/*.log"], { cwd: p8e.data }).map((name) =>
      readFileSync(join(p8e.data, name), "latin1"),
    );
    assert.ok(logs.length >= 4);
    const text = [...p8e.printed, ...logs].join("\n");
    const file = join(p8e.data, "environment.json");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const stores = await Promise.all(["lender", "bank"].map((name) => readStoreFile(join(p8e.data, "stores", name))));
    const secrets = [
      ...stores.map((store) => store!.database.password),
      readFileSync(join(p8e.data, "postgres/superuser.password"), "utf8").trim(),
      ...developmentParties.flatMap(({ mnemonic }) => {
        const words = mnemonic.split(" ");
        const keys = ["m/44'/1'/0'/0/0", "m/44'/1'/0'/0/1"].flatMap((path) => {
          using key = privateKeyFromMnemonic(mnemonic, path);
          return key.use((scalar) => {
            const bytes = Buffer.from(scalar);
            return [bytes.toString("hex"), bytes.toString("hex").toUpperCase(), bytes.toString("base64").slice(0, 40)];
          });
        });
        return [words.slice(0, 3).join(" "), words.slice(-3).join(" "), ...keys];
      }),
    ];
    for (const [index, secret] of secrets.entries()) {
      assert.ok(secret.length >= 16);
      assert.ok(!text.includes(secret), `secret ${index} was printed`);
    }
    assert.doesNotMatch(text, /\n {4}at .*:\d+:\d+/);
  });
});
