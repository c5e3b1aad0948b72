import type { ScopeView } from "@p8e/party/views/scope";
import { shorten } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";
import { type Named, partiesInRoles } from "./named.ts";

/** `p8e scope show`. */
export function showScope(screen: Screen, scope: ScopeView, named: Named): void {
  screen.heading(`Scope ${scope.scope}`);
  screen.facts([
    ["owners", partiesInRoles(scope.ownerRoles, named).join("\n")],
    ["value owner", scope.valueOwner === "" ? "nobody" : named(scope.valueOwner)],
    ["data access", scope.dataAccess.map(named).join(", ") || "nobody beside the owners"],
  ]);
  screen.heading("Sessions");
  screen.table(
    ["contract", "parties", "evidence"],
    scope.sessions.map(({ contract, partyRoles, evidence }) => [
      contract,
      partiesInRoles(partyRoles, named).join(", "),
      shorten(evidence ?? "none", 20),
    ]),
  );
  screen.heading("Records");
  screen.table(
    ["record", "type", "made by", "hash"],
    scope.records.map(({ name, type = "", method = "", outputs }) => [
      name,
      type.split(/[.$]/).at(-1) ?? "",
      method,
      outputs.join(", "),
    ]),
  );
  screen.note("The ledger holds these hashes, parties and names; the content lies encrypted in the parties' stores.");
  screen.note(
    "Data access is what the ledger says. Who can open the records is in the stores: p8e verify SCOPE --readers.",
  );
}
