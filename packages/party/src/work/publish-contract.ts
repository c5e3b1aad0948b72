import type { TransactionCost } from "@p8e/chain";
import type { BuiltContract, ScopeSpecification } from "@p8e/contract";
import type { Sandbox } from "@p8e/engine";
import type { P8eClient, PublicationResult } from "@p8e/sdk";
import { requireReader } from "../known-parties.ts";
import type { Profile } from "../profile/profile.ts";

/** What is published, and for whom. */
export interface PublishOptions {
  /** The kinds of scopes that come with the contract: each is written that the ledger lacks. */
  readonly scopes?: readonly ScopeSpecification[];
  /** Who can read the code beside the party itself: names or addresses of the profile, or encryption keys. */
  readonly for?: readonly string[];
  /** Names that the contract may use although the sandbox lacks them. */
  readonly allow?: readonly string[];
  /** Publishes what breaks scopes or contracts that are live, too. */
  readonly force?: boolean;
  /** Told each transaction's cost before it is signed; what it throws ends the publication there. */
  readonly onCost?: (cost: TransactionCost) => void | Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds a contract, tries its functions, and publishes what the ledger and the own store lack of it. Safe to repeat.
 * @param contract its file, or one that was built, which is not tried
 * @throws `contract.…`, `contract.breaking` when live scopes or contracts would break; `key.unavailable`; as
 *   `Publisher.plan` and `Publisher.publish`
 */
export async function publishContract(
  {
    profile,
    sandbox,
    client,
  }: {
    readonly profile: Profile;
    readonly sandbox: () => Promise<Sandbox>;
    readonly client: () => Promise<P8eClient>;
  },
  contract: string | BuiltContract,
  options: PublishOptions = {},
): Promise<PublicationResult> {
  const { scopes = [], for: readers = [], allow = [], force = false, onCost, signal } = options;
  const audience = readers.map((name) => requireReader(profile, name).key);
  const built =
    typeof contract === "string" ? await triedContract(await sandbox(), contract, { allow, signal }) : contract;
  const [{ requireNothingBroken }, { publisher }] = await Promise.all([import("@p8e/sdk"), client()]);
  const plan = await publisher.plan({ built, scopes, audience }, { signal });
  if (!force) requireNothingBroken(await publisher.compare({ built, scopes }, { signal }));
  return await publisher.publish(plan, { signal, ...(onCost === undefined ? {} : { onCost }) });
}

async function triedContract(
  sandbox: Sandbox,
  entry: string,
  { allow, signal }: { readonly allow: readonly string[]; readonly signal: AbortSignal | undefined },
): Promise<BuiltContract> {
  const [{ buildContract, contractInvalid }, { tryFunctions }] = await Promise.all([
    import("@p8e/contract"),
    import("@p8e/engine"),
  ]);
  const built = await buildContract({ entry, describe: sandbox.describe, names: { allow }, signal });
  const { faults } = await tryFunctions(sandbox, built, { allow, signal });
  if (faults.length > 0) throw contractInvalid(built.manifest.className, faults);
  return built;
}
