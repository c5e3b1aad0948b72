import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { buildContract } from "@p8e/contract";
import { hasCode, isP8eError, scopeSpecificationAddress } from "@p8e/core";
import { type JsonNode, parseExactJson } from "@p8e/decoding";
import { loadContract, openSandbox } from "@p8e/engine";
import { AssetSchema, contractEntry, LoanSchema } from "@p8e/example-loan";
import { unpackAny } from "@p8e/proto/any";
import fc from "fast-check";
import {
  mapColumns,
  parseColumnMap,
  parseColumnPath,
  parseCsv,
  type RowReading,
  readTape,
  rowValues,
} from "../src/index.ts";

const limits = { rowsMax: 100, columnsMax: 10, cellMax: 50 };
const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (value: string): JsonNode => ({ kind: "string", value });

describe("a table of comma-separated values", () => {
  it("is read as RFC 4180 has it", () => {
    assert.deepEqual(parseCsv('\ufeffa,b\r\n1,"x, ""y""\r\nz"\r\n,\r\n\n\r\n', limits), {
      header: ["a", "b"],
      rows: [
        ["1", 'x, "y"\r\nz'],
        ["", ""],
      ],
    });
    assert.deepEqual(parseCsv("a\n1", limits), { header: ["a"], rows: [["1"]] });
    assert.deepEqual(parseCsv("a,b\n,", limits).rows, [["", ""]]);
  });

  it("comes back whatever the cells hold", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "ü"), maxLength: 6 });
    const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), fc.boolean(), (rows, crlf) => {
        const lines = [["p", "q"], ...rows].map((cells) => cells.map(quoted).join(","));
        assert.deepEqual(parseCsv(lines.join(crlf ? "\r\n" : "\n"), limits).rows, rows);
      }),
    );
  });

  it("of empty lines in the middle has a row of each, at the bound and no further", () => {
    const many = 80_000;
    const { rows } = parseCsv(`a${"\n".repeat(many)}x\n`, { ...limits, rowsMax: many });
    assert.deepEqual([rows.length, rows[0], rows.at(-1)], [many, [""], ["x"]]);
    assert.equal(parseCsv(`a\nx${"\r\n".repeat(many)}`, limits).rows.length, 1);
    assert.throws(() => parseCsv(`a${"\n".repeat(many + 1)}x`, { ...limits, rowsMax: many }), {
      code: "input.too_large",
    });
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["", "input.invalid", "the table is empty: its first line names the columns"],
    ["a,b\n1", "input.invalid", "row 1 has 1 cells, the header 2"],
    ['a\nx"y', "input.invalid", "column 1 of row 1 has a quote in the middle"],
    ['a\n"x"y', "input.invalid", "column 1 of row 1 goes on behind its quote"],
    ['a\n"x', "input.invalid", "column 1 of row 1 has no quote at its end"],
    ["a\nx\ry", "input.invalid", "column 1 of row 1 ends with CR alone"],
    ["a\nx\u0000", "input.invalid", "column 1 of row 1 holds U+0000"],
    [`a\n${"x".repeat(51)}`, "input.too_large", "column 1 of row 1 has more than 50 characters"],
    [`a\n"${"x".repeat(51)}`, "input.invalid", "column 1 of row 1 has no quote at its end"],
    [`a\n"${'""'.repeat(60)}"`, "input.too_large", "column 1 of row 1 has more than 50 characters"],
    [`a\n${"1\n".repeat(101)}`, "input.too_large", "the table has more than 100 rows"],
    [",".repeat(10), "input.too_large", "a row has more than 10 cells"],
  ];
  for (const [table, code, message] of refused) {
    it(`is refused when ${JSON.stringify(table.slice(0, 20))}: ${message}`, () => {
      assert.throws(
        () => parseCsv(table, limits),
        (error) => isP8eError(error) && error.code === code && error.message.startsWith(message),
      );
    });
  }
});

describe("a tape", () => {
  it("is CSV or a list of objects, and of both every row has its columns' values", () => {
    const csv = readTape(utf8("n,asset.description\n1,\n2,x\n"), "csv");
    assert.deepEqual(
      csv.records.map(({ number, values }) => [number, ...values]),
      [
        [1, ["n", text("1")]],
        [2, ["n", text("2")], ["asset.description", text("x")]],
      ],
    );
    const json = readTape(utf8('[{"n":1e0,"b":{"c":[true]}},{}]'), "json");
    assert.deepEqual([json.columns, json.records.length, json.textOnly], [["n", "b"], 2, false]);
    assert.deepEqual(json.records[0]?.values.get("n"), { kind: "number", text: "1e0" });
  });

  for (const [name, format, bytes] of [
    ["one column twice", "csv", utf8("a,a\n1,2\n")],
    ["a column without a name", "csv", utf8("a,\n1,2\n")],
    ["bytes that are no text", "csv", Uint8Array.of(0x61, 0xff)],
    ["an object for the list", "json", utf8("{}")],
    ["a row that is no object", "json", utf8("[1]")],
    ["a name twice", "json", utf8('[{"a":1,"a":2}]')],
  ] as const) {
    it(`is refused for ${name}`, () => {
      assert.throws(() => readTape(bytes, format), { code: "input.invalid" });
    });
  }

  it("of too many bytes is not read at all", () => {
    assert.throws(() => readTape(new Uint8Array(32 * 1024 * 1024 + 1), "csv"), { code: "input.too_large" });
  });
});

describe("the rows of a tape", () => {
  const tapeFile = (name: string) =>
    readFileSync(new URL(`../../../examples/loan/tape/${name}`, import.meta.url), "utf8");
  const specification = scopeSpecificationAddress("00000000-0000-4000-8000-000000000077" as never);
  const tape = readTape(utf8(tapeFile("loans.csv")), "csv");
  const base = new Map([["asset", parseExactJson(tapeFile("asset.json"), { what: "the base" })]]);
  let contract: RowReading["contract"];

  before(async () => {
    await using sandbox = openSandbox();
    const built = await buildContract({ entry: contractEntry, describe: (bundle) => sandbox.describe(bundle) });
    const loaded = await loadContract(sandbox, built.bundle, built.manifest.bundle.hash);
    contract = { ...loaded, scopeSpecification: specification };
  });

  const map = () => parseColumnMap(tapeFile("columns.json"), { what: "the columns" });
  const reading = (): RowReading => ({
    ...{ contract, base, rowColumn: "Loan number", textOnly: true },
    columns: mapColumns(tape.columns, map(), contract, { rowColumn: "Loan number", base }),
  });

  it("become values of the contract, of the base and what the columns say", () => {
    const { row, proposals } = rowValues(reading(), tape.records[1]!);
    assert.deepEqual(
      [row.name, row.contract, row.specification],
      ["SYN-1002", "example.loan.RecordLoan", specification],
    );
    const asset = fromBinary(AssetSchema, proposals["asset"]!);
    assert.deepEqual(
      [asset.id?.value, asset.description],
      ["00000000-0000-4000-8000-000000100002", "Synthetic mortgage 1002"],
    );
    const loan = unpackAny(asset.kv["loan"]!, LoanSchema);
    assert.deepEqual([loan.terms?.principalAmount?.value, loan.terms?.termInMonths], ["180000.00", 180]);
    assert.equal(loan.originatorName, "Synthetic Lender", "what no column says is the base's");
    assert.notEqual(rowValues(reading(), tape.records[0]!).row.content, row.content);
    assert.equal(rowValues(reading(), tape.records[1]!).row.content, row.content);
  });

  it("are refused with the field and why, and nothing of what is in it", () => {
    assert.throws(
      () => rowValues(reading(), tape.records[4]!),
      (error) => {
        assert.ok(hasCode(error, "input.invalid"));
        assert.match(String(error.facts.field), /termInMonths$/);
        assert.ok(!error.message.includes("thirty"));
        return true;
      },
    );
  });

  it("have a name each", () => {
    const nameless = { number: 7, values: new Map([["Loan number", text("a\u0007b")]]) };
    assert.throws(() => rowValues(reading(), nameless), { message: "row 7 has no name in the column Loan number" });
  });

  it("have no column that goes nowhere without being told to", () => {
    const options = { rowColumn: "Loan number", base };
    assert.throws(() => mapColumns([...tape.columns, "Colour"], map(), contract, options), {
      message: "the columns Colour have no place in the inputs",
    });
    assert.throws(() => mapColumns(["Loan number"], map(), contract, options), {
      message: "the tape lacks columns that were named",
    });
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ["asset.descriptoin", /where descriptoin is not a field of its message/],
    ["asset.id.value.more", /where more is not a field of its message/],
    ["asset.kv[0]", /where 0 is no place of a list, or no key/],
    ["asset.kv.other.uli", /where uli is in an Any whose @type the base values do not say/],
    ["assset.id", /goes to an input that the contract does not take/],
    ["asset..id", /a path of columns is INPUT\.FIELD\.FIELD/],
  ];
  for (const [path, message] of wrong) {
    it(`have no column that goes to ${path}`, () => {
      assert.throws(() => mapColumns(["N"], new Map([["N", path]]), contract, { rowColumn: "N", base }), { message });
    });
  }

  it("go by places of lists, in their order, and by what a truth value is", () => {
    assert.deepEqual(parseColumnPath("asset.kv.loan.terms.fees[1].type").steps, [
      "kv",
      "loan",
      "terms",
      "fees",
      1,
      "type",
    ]);
    const columns = ["N", "asset.kv.loan.terms.fees[1].type", "asset.kv.loan.terms.fees[3].type"];
    const mapped = mapColumns(columns, new Map(), contract, { rowColumn: "N", base });
    const row = (values: Record<string, string>) => ({
      number: 1,
      values: new Map(Object.entries({ N: "1", ...values }).map(([name, value]) => [name, text(value)])),
    });
    const read = { ...reading(), rowColumn: "N", columns: mapped };
    const asset = fromBinary(AssetSchema, rowValues(read, row({ [columns[1]!]: "POINTS" })).proposals["asset"]!);
    const loan = unpackAny(asset.kv["loan"]!, LoanSchema);
    assert.deepEqual(
      loan.terms?.fees.map(({ type }) => type),
      ["ORIGINATION_FEE", "POINTS"],
    );
    assert.throws(() => rowValues(read, row({ [columns[2]!]: "POINTS" })), {
      message: "asset.kv.loan.terms.fees[3].type: a list has 1 elements before the place [3]",
    });
  });
});
