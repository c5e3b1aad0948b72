import type { PartnerView, PartyView } from "@p8e/party/views";
import type { Screen } from "../terminal/screen.ts";

/** `p8e party list`. */
export function showParties(
  screen: Screen,
  self: PartyView & { readonly fingerprint: string },
  partners: readonly PartnerView[],
): void {
  screen.table(
    ["name", "who", "address", "store", "fingerprint", ""],
    [
      [self.name, self.title, self.address, self.storeUrl, self.fingerprint, "oneself"],
      ...partners.map((each) => [
        ...[each.name, each.title, each.address, each.storeUrl, each.fingerprint],
        each.registered ? "" : "to be registered at the store's next start",
      ]),
    ],
  );
}
