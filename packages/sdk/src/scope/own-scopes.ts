import type { AskOptions } from "@p8e/chain";
import type { ScopeAddress } from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import type { PartyParts } from "../parts.ts";

/**
 * Addresses of the scopes that a party owns or may read, as the ledger has them, each once: it is an owner by its signing
 * key, and a reader by its encryption key.
 * @throws what the ledger throws
 */
export async function* ownScopes(
  { chain, party, network }: Pick<PartyParts, "chain" | "party" | "network">,
  ask: AskOptions = {},
): AsyncGenerator<ScopeAddress, void, undefined> {
  const seen = new Set<ScopeAddress>();
  for (const key of [party.signing, party.encryption]) {
    const address = accountAddress(key.publicKey, network.accountPrefix);
    for await (const scope of chain.metadata.scopesOf(address, ask)) {
      if (seen.has(scope)) continue;
      seen.add(scope);
      yield scope;
    }
  }
}
