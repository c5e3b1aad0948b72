import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "@p8e/testkit";
import { CommandLine, root } from "./support/p8e.ts";
import { openTables, storageOf } from "./support/store-tables.ts";

const contract = join(root, "examples/hello/src/contract.ts");

const parties = ["bank", "lender"] as const;

interface Report {
  readonly ok: boolean;
  readonly outcome: string;
  readonly findings: readonly { readonly what: string; readonly outcome: string; readonly code?: string }[];
}

interface Inspected {
  readonly uuid: string;
  readonly place: { readonly kind: string; readonly directory?: string; readonly name?: string };
}

describe("one flipped bit", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());
  let document: string;
  let code: string;
  let types: string;
  let scope: string;
  let greeting: string;
  let evidence: string;

  before(async () => {
    writeFileSync(p8e.path("document"), randomBytes(400_000));
    writeFileSync(p8e.path("ada.json"), '{"name":"Ada"}');
    await p8e.up();
    const put = ["put", "document", "--store", "lender", "--for", "bank"];
    document = (await p8e.json<{ hash: string }>(put)).hash;
    const publish = ["contract", "publish", contract, "--as", "lender"];
    ({ code, types } = (await p8e.json<{ objects: { code: string; types: string } }>(publish)).objects);
    const execute = ["contract", "execute", "example.hello.Greet", "--as", "lender", "--new-scope", "example.hello"];
    const done = await p8e.json<{ scope: string; records: { hash: string }[] }>([
      ...execute,
      ...["--input", "person=ada.json", "--share", "bank"],
    ]);
    scope = done.scope;
    greeting = done.records[0]!.hash;
    const shown = await p8e.json<{ sessions: { evidence: string }[] }>(["scope", "show", scope]);
    evidence = shown.sessions[0]!.evidence;
    await arrived([document, code, types, greeting, evidence]);
  });

  for (const party of parties) {
    describe(`at the ${party}'s side`, () => {
      it("in a document's file: verify and get refuse exactly that document", async () => {
        await using _flipped = await flipInFile(document);
        await refused(party, document);
        const piped = await p8e.run(["get", document, "--as", party]);
        assert.equal(piped.code, 20);
        assert.equal(piped.stdout.length, 0, "bytes were handed out before they were checked");
      });

      it("in the contract's code: verify names the contract and nothing else", async () => {
        await using _flipped = await flipInFile(code);
        await refused(party, code);
        assert.deepEqual(await broken(party), ["contract example.hello.Greet: object.corrupt"]);
      });

      it("in a record's bytes in the database: verify names that record and nothing else", async () => {
        await using _flipped = await flipInDatabase(greeting);
        await refused(party, greeting);
        assert.deepEqual(await broken(party), ['record "greeting": object.corrupt']);
      });

      it("flipped back, all is well again", async () => {
        await eventually(
          "it holds",
          () => verify(party),
          ({ ok }) => ok,
        );
        await p8e.json(["verify", document, "--as", party]);
      });
    });
  }

  it("in the signed contract that proves the session: verify names the evidence and nothing else", async () => {
    await using _flipped = await flipInDatabase(evidence);
    assert.deepEqual(await broken("bank"), ["evidence of session example.hello.Greet: object.corrupt"]);
  });

  it("with its checksum forged to fit, is still found by the reader's own check", async () => {
    await using _flipped = await flipInDatabase(greeting, { forgeChecksum: true });
    const error = await p8e.refused(20, ["get", greeting, "--as", "bank", "--out", "forged"]);
    assert.equal(error.code, "envelope.tampered");
    assert.ok(!existsSync(p8e.path("forged")));
    assert.deepEqual(await broken("bank"), ['record "greeting": envelope.tampered']);
  });

  it("is one thing, an object that the store does not show another: exit 12", async () => {
    const { hash } = await p8e.json<{ hash: string }>(["put", "ada.json", "--store", "lender"]);
    const { code: exit, stdout, stderr } = await p8e.call(["verify", hash, "--as", "bank", "--json"]);
    const report = JSON.parse(stdout.toString()) as Report;
    assert.deepEqual([exit, report.outcome, report.findings[0]?.outcome], [12, "not_shown", "not_shown"]);
    assert.match(stderr, /verify\.not_shown/);
  });

  async function refused(party: string, hash: string): Promise<void> {
    const out = p8e.path(`from-${party}`);
    const [verified, got] = await Promise.all([
      p8e.call(["verify", hash, "--as", party, "--json"]),
      p8e.refused(20, ["get", hash, "--as", party, "--out", out]),
    ]);
    const report = JSON.parse(verified.stdout.toString()) as Report;
    assert.deepEqual([verified.code, report.outcome], [20, "broken"]);
    assert.deepEqual(
      report.findings.map(({ outcome, code }) => [outcome, code]),
      [["broken", "object.corrupt"]],
    );
    assert.equal(got.code, "object.corrupt");
    assert.ok(!existsSync(out));
  }

  async function verify(party: string): Promise<Report> {
    const { code: exit, stdout } = await p8e.call(["verify", scope, "--as", party, "--json"]);
    const report = JSON.parse(stdout.toString()) as Report;
    assert.deepEqual([exit, report.outcome], report.ok ? [0, "holds"] : [20, "broken"]);
    return report;
  }

  async function broken(party: string): Promise<string[]> {
    const { findings } = await verify(party);
    return findings.filter(({ outcome }) => outcome === "broken").map(({ what, code: why }) => `${what}: ${why}`);
  }

  async function arrived(hashes: readonly string[]): Promise<void> {
    await using tables = await openTables(p8e.data, "bank");
    const text = "SELECT count(DISTINCT hash)::int AS count FROM object WHERE hash = ANY($1)";
    await eventually(
      "replication",
      () => tables.rows<{ count: number }>(text, [hashes]),
      ([row]) => row?.count === hashes.length,
    );
  }

  /** There is one object for each audience, all with the same content: all of them are damaged. */
  async function placesOf(party: string, hash: string, kind: "storage" | "database"): Promise<Inspected[]> {
    const { objects } = await p8e.json<{ objects: Inspected[] }>(["inspect", hash, "--store", party]);
    for (const { place } of objects) assert.equal(place.kind, kind);
    return objects;
  }

  /** At both parties, since a store heals itself from another's sound copy; until it is disposed of. */
  async function flipInFile(hash: string): Promise<AsyncDisposable> {
    const paths: string[] = [];
    for (const party of parties) {
      const storage = await storageOf(p8e.data, party);
      for (const { place } of await placesOf(party, hash, "storage")) {
        paths.push(join(storage, place.directory!, place.name!));
      }
    }
    const sound = paths.map((path) => readFileSync(path));
    for (const [index, path] of paths.entries()) {
      const bytes = Buffer.from(sound[index]!);
      bytes[bytes.length - 1000]! ^= 1;
      writeFileSync(path, bytes);
    }
    return {
      async [Symbol.asyncDispose]() {
        for (const [index, path] of paths.entries()) writeFileSync(path, sound[index]!);
      },
    };
  }

  /** As {@link flipInFile}. */
  async function flipInDatabase(
    hash: string,
    options: { readonly forgeChecksum?: boolean } = {},
  ): Promise<AsyncDisposable> {
    await using stack = new AsyncDisposableStack();
    for (const party of parties) {
      const objects = await placesOf(party, hash, "database");
      await using tables = await openTables(p8e.data, party);
      for (const { uuid } of objects) {
        const [sound] = await tables.rows<{ payload: Buffer; digests: Buffer }>(
          `SELECT payload, chunk_digests AS digests FROM object JOIN p8e_object_integrity ON object_uuid = uuid
           WHERE uuid = $1`,
          [uuid],
        );
        stack.defer(async () => {
          await using again = await openTables(p8e.data, party);
          await again.rows("UPDATE object SET payload = $2 WHERE uuid = $1", [uuid, sound!.payload]);
          const digests = "UPDATE p8e_object_integrity SET chunk_digests = $2 WHERE object_uuid = $1";
          await again.rows(digests, [uuid, sound!.digests]);
        });
        const text = `UPDATE object SET payload = set_byte(payload, length(payload) - 20,
                        get_byte(payload, length(payload) - 20) # 1) WHERE uuid = $1 RETURNING uuid`;
        assert.equal((await tables.rows(text, [uuid])).length, 1);
        if (!options.forgeChecksum) continue;
        await tables.rows(
          `UPDATE p8e_object_integrity SET chunk_digests = (SELECT sha256(payload) FROM object WHERE uuid = $1)
           WHERE object_uuid = $1`,
          [uuid],
        );
      }
    }
    return stack.move();
  }
});
