import type { OpenParty } from "@p8e/party";
import type { Verifier } from "@p8e/sdk";

/** What a party verifies with: the ledger, its own store, its own key, its own sandbox. */
export async function verifierOf(party: OpenParty): Promise<Verifier> {
  return {
    chain: await party.chain(),
    store: await party.store(),
    key: (await party.keys()).encryption,
    sandbox: await party.sandbox(),
  };
}
