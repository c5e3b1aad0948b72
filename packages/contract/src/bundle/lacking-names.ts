import type { Program } from "acorn";
import type { Fault } from "../domain/fault.ts";
import { type FreeName, freeNames } from "./free-names.ts";
import type { SourcePlaces } from "./source-places.ts";

/**
 * The faults of a bundle that uses names which the sandbox does not have, each name once for each source file; or a
 * warning, where the code is nested too deeply to be looked through.
 */
export async function lackingNames(
  code: string,
  places: SourcePlaces,
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
  const faults = new Map<string, Fault>();
  for (const { name, line: at, column } of found) {
    if (allowed.has(name)) continue;
    // In a bundle a header stands before the code; the parser counts columns from 0.
    const { file, line } = places.placeOf(at + 1, column + 1) ?? { file: "the bundle", line: at + 1 };
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
