import { SourceMap } from "node:module";
import { parseJson, shape } from "@p8e/core";
import type { Program } from "acorn";
import type { Fault } from "../domain/fault.ts";
import { type FreeName, freeNames } from "./free-names.ts";

/** A module and where its parts come from. */
export interface MappedCode {
  readonly code: string;
  /** The text of its source map. */
  readonly map: string;
  /** How a source of the map is called before people. */
  readonly shown: (source: string) => string;
}

/** A bundle has 2 MiB at most, and a map has few characters for each of the code's. */
const MAP_BYTES_MAX = 32 * 1024 * 1024;

const text = shape.text({ lengthMax: MAP_BYTES_MAX, says: "text" });
const mapShape = shape.openObject({ sources: shape.list(text, 100_000), mappings: text });

/**
 * The faults of a bundle that uses names which the sandbox does not have, each name once for each source file; or a
 * warning, where the code is nested too deeply to be looked through.
 */
export async function lackingNames(
  { code, map, shown }: MappedCode,
  allow: readonly string[],
): Promise<{ readonly faults: readonly Fault[]; readonly warnings: readonly Fault[] }> {
  // Loaded here, because most users of this package build nothing.
  const { parse } = await import("acorn");
  let found: readonly FreeName[];
  try {
    const program: Program = parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true });
    found = freeNames(program);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof SyntaxError)) throw error;
    const message = "was not looked through for names that the sandbox lacks: it is nested too deeply, or too new";
    return { faults: [], warnings: [{ rule: "sandbox-names", where: "the bundle", message }] };
  }
  const allowed = new Set(allow);
  const places = readMap(map);
  const faults = new Map<string, Fault>();
  for (const { name, line: at, column } of found) {
    if (allowed.has(name)) continue;
    const entry = places.findEntry(at - 1, column);
    const isMapped = "originalSource" in entry;
    const file = isMapped ? shown(entry.originalSource) : "the bundle";
    const line = isMapped ? entry.originalLine + 1 : at;
    const place = { file, line, name };
    const known = faults.get(`${file}\n${name}`);
    if (known?.place !== undefined && known.place.line <= line) continue;
    const fault = {
      rule: "sandbox-names",
      where: `${file}:${line}`,
      message: `uses ${name}, which no contract has`,
      place,
    };
    faults.set(`${file}\n${name}`, fault);
  }
  const order = (fault: Fault) =>
    `${fault.place!.file}\n${String(fault.place!.line).padStart(10, "0")}\n${fault.place!.name}`;
  return { faults: [...faults.values()].sort((one, other) => (order(one) < order(other) ? -1 : 1)), warnings: [] };
}

function readMap(map: string): SourceMap {
  const { sources, mappings } = parseJson(mapShape, map, { what: "the source map", bytesMax: MAP_BYTES_MAX });
  return new SourceMap({
    file: "",
    version: 3,
    sources: [...sources],
    sourcesContent: [],
    names: [],
    mappings,
    sourceRoot: "",
  });
}
