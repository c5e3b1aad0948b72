import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { type JsonContext, P8eError, parseJson, shape } from "@p8e/core";
import type { JsonNode } from "@p8e/decoding";
import type { FoundContract } from "../session/find-contract.ts";
import { type ColumnPath, parseColumnPath } from "./column-path.ts";

/** Where each column goes: a path, or nowhere. */
export type ColumnMap = ReadonlyMap<string, string | undefined>;

/** What every row begins with, by input. */
export type RowBase = ReadonlyMap<string, JsonNode>;

/** A column that has a place in the inputs. */
export interface MappedColumn {
  readonly column: string;
  readonly path: ColumnPath;
  /** Texts `true` and `false` are truth values here. */
  readonly isTruthValue: boolean;
}

/** The most bytes of a file that says where columns go. */
export const COLUMNS_BYTES_MAX = 1024 * 1024;

const columnsShape = shape.object({
  format: shape.only(1),
  columns: shape.map(
    shape.text({ says: "a path such as asset.description, or empty for nowhere", lengthMax: 2000 }),
    1000,
  ),
});

/**
 * Reads where columns go: `{"format": 1, "columns": {"Loan number": "asset.id.value", "Remarks": ""}}`.
 * @throws `input.invalid`, `input.too_large`
 */
export function parseColumnMap(text: string | Uint8Array, context: Omit<JsonContext, "bytesMax">): ColumnMap {
  const { columns } = parseJson(columnsShape, text, { ...context, bytesMax: COLUMNS_BYTES_MAX });
  return new Map(Object.entries(columns).map(([name, path]) => [name, path === "" ? undefined : path]));
}

/**
 * Finds the place of every column. One that the map does not name is itself a path; the one that names the rows may be
 * neither. Nothing of a tape is left out without being told to.
 *
 * @throws `input.invalid` naming the columns that have no place, or one that the contract's types do not have
 */
export function mapColumns(
  columns: readonly string[],
  map: ColumnMap,
  { manifest, types }: Pick<FoundContract, "manifest" | "types">,
  options: { readonly rowColumn: string; readonly base: RowBase },
): readonly MappedColumn[] {
  const inputs = new Map(manifest.functions.flatMap((each) => each.inputs).map((each) => [each.name, each.className]));
  const unplaced: string[] = [];
  const mapped: MappedColumn[] = [];
  const absent = [...map.keys(), options.rowColumn].filter((name) => !columns.includes(name));
  if (absent.length > 0) {
    throw new P8eError("input.invalid", "the tape lacks columns that were named", {
      facts: { columns: absent.slice(0, 20), has: columns.slice(0, 50) },
    });
  }
  for (const column of columns) {
    if (map.has(column) && map.get(column) === undefined) continue;
    const said = map.get(column);
    const isPath = said !== undefined || inputs.has(column.split(/[.[]/, 1)[0]!);
    if (!isPath) {
      if (column !== options.rowColumn) unplaced.push(column);
      continue;
    }
    const path = parseColumnPath(said ?? column);
    const className = inputs.get(path.input);
    if (className === undefined) {
      throw new P8eError("input.invalid", `the column ${column} goes to an input that the contract does not take`, {
        facts: { column, path: said ?? column, inputs: [...inputs.keys()] },
      });
    }
    const schema = types.messageOfClass(className);
    mapped.push({ column, path, isTruthValue: isTruthValue(types.registry, { schema, path, column }, options.base) });
  }
  if (unplaced.length > 0) {
    throw new P8eError("input.invalid", `the columns ${unplaced.slice(0, 10).join(", ")} have no place in the inputs`, {
      facts: { columns: unplaced.slice(0, 50), inputs: [...inputs.keys()] },
      hint: "Say where each goes in the file of --columns; an empty path leaves one out.",
    });
  }
  return mapped;
}

type Registry = FoundContract["types"]["registry"];

/** Types whose JSON is not an object of their fields. */
const WHOLE = /^google\.protobuf\.(?:Timestamp|Duration|FieldMask|Struct|Value|ListValue|\w+Value)$/;

/** Walks the types along a path, so that a wrong one is told before any row is read. */
function isTruthValue(
  registry: Registry,
  { schema, path, column }: { readonly schema: DescMessage; readonly path: ColumnPath; readonly column: string },
  base: RowBase,
): boolean {
  const refuse = (step: string | number, problem: string): never => {
    throw new P8eError("input.invalid", `the column ${column} goes to ${path.input}, where ${step} ${problem}`, {
      facts: { column, path: [path.input, ...path.steps].join("."), step },
    });
  };
  let node = base.get(path.input);
  let message: DescMessage | undefined = schema;
  let field: DescField | undefined;
  let inside = false;
  for (const step of path.steps) {
    if (message?.typeName === "google.protobuf.Any") {
      if (step === "@type") return false;
      message = anyMessage(registry, node) ?? refuse(step, "is in an Any whose @type the base values do not say");
    }
    if (message !== undefined && WHOLE.test(message.typeName)) return false;
    if (field !== undefined && !inside && (field.fieldKind === "list" || field.fieldKind === "map")) {
      if ((field.fieldKind === "list") !== (typeof step === "number")) refuse(step, "is no place of a list, or no key");
      inside = true;
      message = "message" in field ? field.message : undefined;
    } else {
      const next: DescField | undefined = message?.fields.find((each) => each.jsonName === step || each.name === step);
      field = next ?? refuse(step, "is not a field of its message");
      inside = false;
      message = field.fieldKind === "message" ? field.message : undefined;
    }
    node = childOf(node, step);
  }
  if (field === undefined) return false;
  const scalar = inside || field.fieldKind === "scalar" ? (field as { scalar?: ScalarType }).scalar : undefined;
  return scalar === ScalarType.BOOL;
}

function anyMessage(registry: Registry, node: JsonNode | undefined): DescMessage | undefined {
  const type = node?.kind === "object" ? node.fields.get("@type") : undefined;
  return type?.kind === "string" ? registry.getMessage(type.value.slice(type.value.lastIndexOf("/") + 1)) : undefined;
}

function childOf(node: JsonNode | undefined, step: string | number): JsonNode | undefined {
  if (typeof step === "number") return node?.kind === "array" ? node.items[step] : undefined;
  return node?.kind === "object" ? node.fields.get(step) : undefined;
}
