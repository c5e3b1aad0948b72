import { type AccountAddress, hasCode, mapAtMost, P8eError, type ScopeAddress } from "@p8e/core";
import { accountAddress, publicKeyFromBase64 } from "@p8e/crypto";
import { readScopeObjects, type ScopeObject } from "../scope/scope-objects.ts";
import type { Affiliate, AffiliateDirectory } from "../session/affiliate.ts";
import { readScope } from "../session/scope-snapshot.ts";
import { type Finding, find, worstOutcome } from "./outcome.ts";
import type { Verification, Verifier } from "./verify-scope.ts";

const AT_ONCE = 4;

/** Who else is looked for, and how one is told of it on the way. */
export interface VerifyReadersOptions {
  /** Parties that the ledger may not name: what was stored for one of them alone is found by its key alone. */
  readonly others?: readonly Affiliate[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/**
 * Compares whom the ledger lets read a scope with whom the own store shows its objects: one finding for each account that
 * owns the scope or has data access, and one for each key beside these that can open something. What another party shared
 * from a store of its own is not seen from here, so what is lacking is `unchecked`, never broken; and who reads without
 * access on the ledger got it before it was taken away, or as a reader of single objects.
 *
 * @throws as `verifyScope`; `object.…`, `contract.…` when evidence or contracts cannot be read here
 */
export async function verifyReaders(
  verifier: Verifier & { readonly directory: AffiliateDirectory },
  address: ScopeAddress,
  options: VerifyReadersOptions = {},
): Promise<Verification> {
  const { chain, store, key, directory } = verifier;
  const { signal } = options;
  const snapshot = await readScope(chain, address, { signal });
  const accounts = [...new Set([...snapshot.owners, ...snapshot.dataAccess])];
  const known = new Map<AccountAddress, Affiliate | undefined>();
  for (const account of accounts) known.set(account, await directory.find(account));
  const entitled = [...known.values()].flatMap((affiliate) => affiliate?.encryptionKey ?? []);
  const audience = [...entitled, ...(options.others ?? []).map(({ encryptionKey }) => encryptionKey)];
  const objects = await readScopeObjects(verifier, snapshot, { signal });
  const opened = new Map<ScopeObject, ReadonlySet<string>>();
  await mapAtMost(
    AT_ONCE,
    objects,
    async (object, stop) => {
      opened.set(object, await orNobody(store.readers(object.hash, { key, audience, signal: stop })));
    },
    signal,
  );
  const records = snapshot.records.map(({ outputs }) => outputs.flatMap(({ hash }) => (hash === "" ? [] : [hash])));
  const granted = (name: string) => {
    const shown = new Set<string>(objects.filter((object) => opened.get(object)?.has(name)).map(({ hash }) => hash));
    const count = records.filter((hashes) => hashes.every((hash) => shown.has(hash))).length;
    return `granted for ${count} of ${records.length} records`;
  };
  const findings: Finding[] = [];
  const look = async (what: string, work: () => string) => {
    const finding = await find(what, async () => work());
    findings.push(finding);
    options.onFinding?.(finding);
  };
  for (const [account, affiliate] of known) {
    await look(`reader ${account}`, () => {
      if (affiliate === undefined) {
        throw new P8eError("verify.unchecked", "the ledger lets it read, but nobody here knows its keys", {
          facts: { account },
        });
      }
      return requireAll(affiliate, objects, opened, granted);
    });
  }
  const names = new Set([key.publicKey.base64, ...entitled.map(({ base64 }) => base64)]);
  for (const name of new Set([...opened.values()].flatMap((readers) => [...readers]))) {
    if (names.has(name)) continue;
    const count = objects.filter((object) => opened.get(object)?.has(name)).length;
    const account = accountOfKey(name, chain.accountPrefix);
    await look(`reader ${account}`, () => {
      const part = count === objects.length ? "" : `, ${granted(name)}`;
      return `can open ${count} of ${objects.length} objects${part}; the ledger gives it no access`;
    });
  }
  const outcome = worstOutcome(findings);
  return { scope: address, outcome, ok: outcome === "holds", findings };
}

/** Nobody, for an object that the own store does not show: then it lacks for all. */
async function orNobody(readers: Promise<ReadonlySet<string>>): Promise<ReadonlySet<string>> {
  try {
    return await readers;
  } catch (error) {
    if (hasCode(error, "object.not_found", "envelope.no_recipient")) return new Set();
    throw error;
  }
}

function requireAll(
  { encryptionKey }: Affiliate,
  objects: readonly ScopeObject[],
  opened: ReadonlyMap<ScopeObject, ReadonlySet<string>>,
  granted: (name: string) => string,
): string {
  const lacking = objects.filter((object) => opened.get(object)?.has(encryptionKey.base64) !== true);
  if (lacking.length === 0) return `can open all ${objects.length} objects of the scope`;
  throw new P8eError(
    "verify.unchecked",
    `the ledger lets it read; here it is ${granted(encryptionKey.base64)}, and this store does not show it ${lacking.length} of ${objects.length} objects: ${lacking[0]?.what}${lacking.length === 1 ? "" : " and others"}`,
    { facts: { objects: lacking.map(({ hash, what }) => `${what}: ${hash}`) } },
  );
}

/** A header is the store's to fill: what is no key has no address. */
function accountOfKey(name: string, prefix: Parameters<typeof accountAddress>[1]): string {
  try {
    return accountAddress(publicKeyFromBase64(name), prefix);
  } catch {
    return "of a key that is none";
  }
}
