import { P8eError, scopeSpecificationAddress, utf8Encode } from "@p8e/core";
import { parseExactJson } from "@p8e/decoding";
import { mapColumns, parseColumnMap, type RowReading, readTape, rowValues, type Tape } from "@p8e/sdk";
import type { Door } from "../door.ts";
import { messageJson } from "../grammar.ts";
import { probe, probeTypes } from "../probe-types.ts";
import type { Random } from "../random.ts";
import { readersDoor } from "../readers-door.ts";

const BYTES_MAX = 1024 * 1024;
const ROW = "n";
const contract = {
  manifest: { className: "x.Probe", functions: [{ name: "go", inputs: [{ name: "p", className: "probe.v1.P" }] }] },
  types: { registry: probeTypes, messageOfClass: () => probe },
  scopeSpecification: scopeSpecificationAddress("00000000-0000-4000-8000-000000000001" as never),
} as unknown as RowReading["contract"];

const fields = probe.fields.map(({ jsonName }) => jsonName);

/** A tape of rows and where its columns go, as a person names them. */
export async function openDoor(): Promise<Door> {
  const [csv, json] = [
    'n,p.i64,p.self.s\r\n1,5,"a, b"\r\n2,,\r\n',
    '[{"n":"1","p.i64":"5","p.m":{"a":1}},{"n":2,"p.self":{"i32":1.0}}]',
  ].map(utf8Encode) as [Uint8Array, Uint8Array];
  return readersDoor(
    [
      { seeds: [csv], generate: (random) => utf8Encode(table(random)), read: (bytes) => rows(readTape(bytes, "csv")) },
      { seeds: [json], generate: (random) => utf8Encode(list(random)), read: (bytes) => rows(readTape(bytes, "json")) },
      {
        seeds: [utf8Encode('{"format":1,"columns":{"Loan number":"p.self.s","n":""}}')],
        read: (bytes) => {
          const map = parseColumnMap(bytes, { what: "the columns" });
          mapColumns([...map.keys(), ROW], map, contract, { rowColumn: ROW, base: new Map() });
        },
      },
    ],
    {
      bytesMax: BYTES_MAX,
      words: ["n", "p.", "p.self.", "[0]", "[999]", "\r\n", '""', "columns", "format", ...fields],
    },
  );
}

/** Every row is read, and what is wrong with one says nothing of the next. */
function rows(tape: Tape): void {
  const base = new Map([["p", parseExactJson(utf8Encode('{"any":{"@type":"/probe.v1.P"}}'), { what: "the base" })]]);
  const columns = mapColumns(tape.columns, new Map(), contract, { rowColumn: ROW, base });
  let failed: unknown;
  for (const record of tape.records.slice(0, 100)) {
    try {
      rowValues({ contract, columns, base, rowColumn: ROW, textOnly: tape.textOnly }, record);
    } catch (error) {
      if (P8eError.from(error).code === "internal.unexpected") throw error;
      failed = error;
    }
  }
  if (failed !== undefined) throw failed;
}

function path(random: Random): string {
  const steps = Array.from({ length: 1 + random.size(4) }, () =>
    random.oneIn(3) ? `self.${random.pick(fields)}` : `${random.pick(fields)}${random.oneIn(4) ? "[0]" : ""}`,
  );
  return `p.${steps.join(".")}`;
}

function table(random: Random): string {
  const width = 1 + random.size(8);
  const header = [ROW, ...Array.from({ length: width }, () => path(random))].join();
  const cell = () => random.pick(["", "1", "true", "a", '"x, ""y"""', "1.5", "2024-02-30", "é", "0x10", "-0"]);
  const row = () => Array.from({ length: width + (random.oneIn(15) ? 2 : 1) }, cell).join();
  return [header, ...Array.from({ length: random.size(30) }, row), ""].join(random.oneIn(2) ? "\r\n" : "\n");
}

function list(random: Random): string {
  const row = () =>
    `{"n":${random.pick(['"1"', "2", "1.0", "null", "[]", '""'])},"${path(random)}":${messageJson(random, probe)}}`;
  return `[${Array.from({ length: random.size(10) }, row).join()}]`;
}
