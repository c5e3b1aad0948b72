import type { EnvironmentFile } from "@p8e/environment/profiles";
import { partyView } from "@p8e/party/views";
import type { Screen } from "../terminal/screen.ts";

/** A table of who runs what where. */
export function showEnvironment(screen: Screen, file: EnvironmentFile): void {
  screen.table(
    ["who", "runs", "at", "account"],
    [
      ...file.parties.map((party) => [party.title, "object store", party.storeUrl, party.address]),
      ["everybody", file.ledger === "embedded" ? "ledger" : "Provenance node", file.ledgerUrl, file.network.chainId],
    ],
  );
}

/** Who runs what where, as JSON has it. */
export function environmentFileView(file: EnvironmentFile) {
  return {
    ledger: file.ledger,
    ledgerUrl: file.ledgerUrl,
    chainId: file.network.chainId,
    parties: file.parties.map(partyView),
  };
}
