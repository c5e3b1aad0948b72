import { hashContent, P8eError } from "@p8e/core";
import { type JsonNode, messageBytesFromExactJson } from "@p8e/decoding";
import type { FoundContract } from "../session/find-contract.ts";
import type { TapeRow } from "../state/state-store.ts";
import { withValue } from "./column-path.ts";
import type { TapeRecord } from "./read-tape.ts";
import type { MappedColumn, RowBase } from "./tape-columns.ts";

/** What a row is called, at most so many characters. */
const NAME_MAX = 200;

/** How rows become values of a contract. */
export interface RowReading {
  readonly contract: Pick<FoundContract, "manifest" | "types" | "scopeSpecification">;
  readonly columns: readonly MappedColumn[];
  readonly base: RowBase;
  /** Whose values name the rows. */
  readonly rowColumn: string;
  /** Values are texts alone: in a field of truth values `true` and `false` are meant. */
  readonly textOnly: boolean;
}

/** A row as values that are proposed to a contract. */
export interface RowValues {
  readonly row: TapeRow;
  readonly proposals: Readonly<Record<string, Uint8Array>>;
}

/** What a row is called. @throws `input.invalid` when its column has no text or number of at most 200 characters */
export function rowName({ number, values }: TapeRecord, rowColumn: string): string {
  const node = values.get(rowColumn);
  const name = node?.kind === "string" ? node.value : node?.kind === "number" ? node.text : "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them belongs in a name
  if (name !== "" && name.length <= NAME_MAX && !/[\u0000-\u001f\u007f]/.test(name)) return name;
  throw new P8eError("input.invalid", `row ${number} has no name in the column ${rowColumn}`, {
    facts: { row: number, field: rowColumn, reason: `is not a name of at most ${NAME_MAX} characters` },
  });
}

/** @throws `input.invalid`, `input.too_large`, with the facts `field` and `reason` */
export function rowValues(reading: RowReading, record: TapeRecord): RowValues {
  const { contract, base, rowColumn } = reading;
  const { manifest, types } = contract;
  const name = rowName(record, rowColumn);
  const values = new Map<string, JsonNode>(base);
  for (const { column, path, isTruthValue } of reading.columns) {
    const value = record.values.get(column);
    if (value === undefined) continue;
    const meant = reading.textOnly && isTruthValue ? truthValue(value, column) : value;
    try {
      values.set(path.input, withValue(values.get(path.input), path.steps, meant));
    } catch (thrown) {
      const { code, message } = P8eError.from(thrown);
      throw new P8eError(code, `${column}: ${message}`, { facts: { field: column, reason: message } });
    }
  }
  const inputs = new Map(manifest.functions.flatMap((each) => each.inputs).map((each) => [each.name, each.className]));
  const proposals: Record<string, Uint8Array> = {};
  for (const [input, node] of values) {
    const className = inputs.get(input)!;
    const context = { what: `the input ${input}` };
    proposals[input] = messageBytesFromExactJson(types.messageOfClass(className), node, types.registry, context);
  }
  return { row: { ...rowOf(contract, name), content: contentOf(proposals) }, proposals };
}

/** A row by its name alone. */
export function rowOf(
  { manifest, scopeSpecification }: RowReading["contract"],
  name: string,
): Omit<TapeRow, "content"> {
  return { specification: scopeSpecification, contract: manifest.className, name };
}

function truthValue(node: JsonNode, column: string): JsonNode {
  const text = node.kind === "string" ? node.value.toLowerCase() : "";
  if (text === "true" || text === "false") return { kind: "boolean", value: text === "true" };
  const reason = "is neither true nor false";
  throw new P8eError("input.invalid", `${column} ${reason}`, { facts: { field: column, reason } });
}

/** Of all values with their names, whatever their order. */
function contentOf(proposals: Readonly<Record<string, Uint8Array>>) {
  const names = Object.keys(proposals).sort();
  const lines = names.map((name) => `${name} ${hashContent(proposals[name]!)}\n`);
  return hashContent(new TextEncoder().encode(lines.join("")));
}
