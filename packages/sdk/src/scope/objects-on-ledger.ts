import type { ChainClient } from "@p8e/chain";
import { type AccountAddress, hasCode, type ScopeAddress, throwIfCancelled } from "@p8e/core";
import { readScope } from "../session/scope-snapshot.ts";
import { namedOnLedger, type ScopeObject } from "./scope-objects.ts";

/** What the ledger itself names of a scope. */
export interface ScopeOnLedger {
  readonly scope: ScopeAddress;
  /** Records, inputs and evidence, each object once. */
  readonly objects: readonly ScopeObject[];
}

/**
 * Every scope that one of the accounts owns, may read, or owns the value of, each once, with the objects that the ledger names
 * for it: no store is asked, and no key is needed. A party is an owner by its signing key's account, and a reader by that of
 * its encryption key.
 * @throws `ledger.…`, `rpc.cancelled`
 */
export async function* objectsOnLedger(
  chain: ChainClient,
  accounts: readonly AccountAddress[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<ScopeOnLedger, void> {
  const seen = new Set<ScopeAddress>();
  const { metadata } = chain;
  const asked = accounts.flatMap((of) => [metadata.scopesOf(of, options), metadata.scopesValuedBy(of, options)]);
  for (const scopes of asked) {
    for await (const scope of scopes) {
      throwIfCancelled(options.signal);
      if (seen.has(scope)) continue;
      seen.add(scope);
      const objects = await named(chain, scope, options);
      if (objects !== undefined) yield { scope, objects };
    }
  }
}

/** Undefined when the scope has gone meanwhile. */
async function named(
  chain: ChainClient,
  scope: ScopeAddress,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<readonly ScopeObject[] | undefined> {
  try {
    const objects = namedOnLedger(await readScope(chain, scope, options));
    return [...new Map(objects.map((object) => [object.hash, object])).values()];
  } catch (error) {
    if (hasCode(error, "ledger.not_found")) return undefined;
    throw error;
  }
}
