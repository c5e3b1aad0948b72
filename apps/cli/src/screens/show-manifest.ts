import type { Screen } from "../terminal/screen.ts";
import { showWarnings } from "./show-warnings.ts";

/** `p8e contract check`: what a contract is, and what was found that need not be wrong. */
export function showManifest(screen: Screen, built: Parameters<typeof showWarnings>[1]): void {
  const { manifest } = built;
  screen.facts([
    ["class", manifest.className],
    ["on scopes", manifest.scopes.join(", ")],
    ["parties", manifest.participants.join(", ")],
    ["reads", manifest.records.map((record) => `${record.name}${record.optional ? "?" : ""}`).join(", ") || "nothing"],
  ]);
  screen.table(
    ["function", "invoked by", "takes", "writes"],
    manifest.functions.map((each) => [
      each.name,
      each.invokedBy,
      each.inputs.map((input) => input.name).join(", "),
      each.writes.name,
    ]),
  );
  showWarnings(screen, built);
}
