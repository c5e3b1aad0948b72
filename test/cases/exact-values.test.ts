// Inputs that the command reads for a contract, by the files of the cases any-type-url, json-int64, json-timestamp and
// wire-type: the value that protobuf-go and Java read, or a refusal that names the field.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { hexDecode } from "@p8e/core";
import { readProposals } from "../../apps/cli/src/support/read-proposals.ts";
import { probeContract, probeTypes } from "./support/probe.ts";

const types = await probeTypes();
const contract = await probeContract();
const folder = mkdtempSync(join(tmpdir(), "p8e-cases-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function read(name: string, content: string | Uint8Array): Promise<Uint8Array> {
  const file = join(folder, name);
  writeFileSync(file, content);
  return (await readProposals([["p", file]], contract))["p"]!;
}

const message = (bytes: Uint8Array) =>
  fromBinary(types.message("probe.v1.P"), bytes) as unknown as Record<string, unknown>;
const refuses = (name: string, content: string | Uint8Array, field: string, reason: string, more: object = {}) =>
  assert.rejects(read(name, content), {
    code: "input.invalid",
    facts: { file: join(folder, name), field, reason, ...more },
  });

describe("any-type-url", () => {
  it("keeps the type URL that was given", async () => {
    for (const typeUrl of ["type.googleapis.com/probe.v1.P", "/probe.v1.P"]) {
      const { any } = message(await read("any.json", `{"any":{"@type":"${typeUrl}","s":"x"}}`));
      assert.equal((any as { typeUrl: string }).typeUrl, typeUrl);
    }
  });
});

describe("json-int64", () => {
  it("reads what no double holds", async () => {
    const text =
      '{"i64": 9007199254740993, "ri": [9007199254740993], "w": 9007199254740993, "m": {"a": 9007199254740993}}';
    const { i64, ri, w, m } = message(await read("amount.json", text));
    assert.deepEqual(
      { i64, ri, w, m },
      { i64: 9007199254740993n, ri: [9007199254740993n], w: 9007199254740993n, m: { a: 9007199254740993n } },
    );
  });
});

describe("json-timestamp", () => {
  it("refuses what is no time, no number, or there twice", async () => {
    await refuses("feb30.json", '{"t":"2023-02-30T00:00:00Z"}', "t", "is a date that does not exist");
    await refuses("24h.json", '{"t":"2024-01-01T24:00:00Z"}', "t", "is a time of day that does not exist");
    await refuses("twice.json", '{"s":"a","s":"b"}', "s", "is there twice");
    await refuses("hex.json", '{"i64":"0x10"}', "i64", "is not a number");
  });
});

describe("wire-type", () => {
  it("refuses a known field under a wire type that its declaration never has", async () => {
    const reason = (given: number) => `has the wire type ${given}, and its declaration has 0`;
    await refuses("bytes-as-number.binpb", hexDecode("0a01"), "i64", reason(2), { readersDiffer: true });
    await refuses("group-as-number.binpb", hexDecode("0b0c"), "i64", reason(3), { readersDiffer: true });
  });

  it("hands bytes on as they are", async () => {
    // Fields out of order, a list once packed and once not.
    const bytes = hexDecode("7801520178087b7a020203");
    await assert.rejects(read("bad.binpb", Uint8Array.from([...bytes, 0x08])), { code: "input.invalid" });
    assert.deepEqual(await read("odd.binpb", bytes), bytes);
  });
});
