import { SourceMap } from "node:module";
import { parseJson, shape } from "@p8e/core";

/** A place in a source file. */
export interface SourcePlace {
  /** As people call it: without the way to it, a package's file by the package's name. */
  readonly file: string;
  readonly line: number;
}

/** Where the parts of a bundle come from. */
export interface SourcePlaces {
  /** Undefined for what is in no source, as the bundle's first line. Lines and columns begin with 1. */
  placeOf(line: number, column: number): SourcePlace | undefined;
  /** The nearest place that a stack of the sandbox names, of the author's own code or a package's where there is one. */
  placeIn(stack: string | undefined): SourcePlace | undefined;
}

/** A bundle has 2 MiB at most, and a map has few characters for each of the code's. */
export const MAP_BYTES_MAX = 32 * 1024 * 1024;

const text = shape.text({ lengthMax: MAP_BYTES_MAX, says: "text" });
const mapShape = shape.openObject({ sources: shape.list(text, 100_000), mappings: text });

/**
 * The compiler's map as a bundle's own: the first line of a bundle is a header, and sources are called as people call
 * them, so that it names no folder of the machine. A source map of revision 3 (ECMA-426).
 */
export function bundleMap(compilers: string, shown: (source: string) => string): string {
  const { sources, mappings } = parsed(compilers);
  return `${JSON.stringify({ version: 3, sources: sources.map(shown), names: [], mappings: `;${mappings}` })}\n`;
}

/** @throws P8eError `input.invalid` for a text that is no source map */
export function sourcePlaces(map: string): SourcePlaces {
  const { sources, mappings } = parsed(map);
  const found = new SourceMap({
    file: "",
    version: 3,
    sources: [...sources],
    sourcesContent: [],
    names: [],
    mappings,
    sourceRoot: "",
  });
  const placeOf = (line: number, column: number): SourcePlace | undefined => {
    const entry = found.findEntry(line - 1, column - 1);
    // Without a source it is the last mapped place of an earlier line, or none.
    return "originalSource" in entry && entry.generatedLine === line - 1
      ? { file: entry.originalSource, line: entry.originalLine + 1 }
      : undefined;
  };
  return {
    placeOf,
    placeIn(stack) {
      const all = bundlePositions(stack ?? "").flatMap(({ line, column }) => placeOf(line, column) ?? []);
      return all.find(({ file }) => !isOfLibrary(file)) ?? all[0];
    },
  };
}

/** Whether a source file, as people call it, is of what every bundle is built with (guest-runtime). */
export function isOfLibrary(file: string): boolean {
  return file.startsWith("@bufbuild/protobuf/") || file.startsWith("@p8e/");
}

/** The places in the bundle that a stack of the sandbox names, the nearest first. */
export function bundlePositions(stack: string): readonly { readonly line: number; readonly column: number }[] {
  return [...stack.matchAll(/\bbundle\.js:(\d{1,9}):(\d{1,9})/g)].map(([, line, column]) => ({
    line: Number(line),
    column: Number(column),
  }));
}

function parsed(map: string) {
  return parseJson(mapShape, map, { what: "the source map", bytesMax: MAP_BYTES_MAX });
}
