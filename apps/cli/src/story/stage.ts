import { type ContentHash, P8eError } from "@p8e/core";
import {
  type EnvironmentFile,
  environmentProfile,
  type LedgerKind,
  requireEnvironment,
  requireLedger,
} from "@p8e/environment";
import type { OpenPartyKeys } from "@p8e/keys";
import { folderHolder } from "@p8e/machine";
import type { ObjectClient } from "@p8e/object-client";
import { affiliateOfParty, type OpenParty, openParty } from "@p8e/party";
import type { Affiliate } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { bringUp } from "../support/bring-up.ts";

/** Who takes part. */
export const actorNames = ["lender", "bank", "validator", "servicer", "investor"] as const;
type ActorName = (typeof actorNames)[number];

/** Where the story plays: parties, each with its own store, and a ledger that all can ask. */
export interface Stage extends AsyncDisposable, Readonly<Record<ActorName, Actor>> {
  readonly file: EnvironmentFile;
  /** Whether this process runs the servers, and must stay for them to stay. */
  readonly owned: boolean;
}

/** A party of the story, its keys and its store at hand. */
export interface Actor {
  readonly party: OpenParty;
  readonly keys: OpenPartyKeys;
  readonly store: ObjectClient;
  readonly affiliate: Affiliate;
}

/** How a party is called in a sentence. */
export function the({ party }: Actor): string {
  return `the ${party.self.title.toLowerCase()}`;
}

/** A document of the story, as it was stored. */
export interface ToldDocument {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly hash: ContentHash;
}

/**
 * Starts the environment, or plays in the one that runs in the data folder already.
 * @param ledger the folder's, or the embedded one, unless given
 * @throws as `startEnvironment`
 */
export async function openStage(context: CommandContext, ledger: LedgerKind | undefined): Promise<Stage> {
  const { dataDir, screen } = context;
  const stack = new AsyncDisposableStack();
  try {
    const running = folderHolder(dataDir);
    if (running === undefined) stack.use(await bringUp(context, actorNames, ledger));
    else screen.note(`The environment in ${dataDir} is up already (process ${running}); the story plays there.`);
    const file = await requireEnvironment(dataDir);
    requireLedger(dataDir, file, ledger);
    requireActors(dataDir, file);
    const opened = actorNames.map(async (name) => [name, await openActor(context, name, stack)] as const);
    const actors = Object.fromEntries(await Promise.all(opened)) as Record<ActorName, Actor>;
    const owned = stack.move();
    return { file, ...actors, owned: running === undefined, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** An environment that runs has the parties that it was started with. */
function requireActors(dataDir: string, { parties }: EnvironmentFile): void {
  const missing = actorNames.filter((name) => parties.every((party) => party.name !== name));
  if (missing.length === 0) return;
  throw new P8eError("key.unavailable", `the environment in ${dataDir} runs without ${missing.join(", ")}`, {
    facts: { missing, parties: parties.map(({ name }) => name) },
    hint: `Stop it (npx p8e down) and tell the story again, or start it with npx p8e up --parties ${actorNames.join(",")}.`,
  });
}

async function openActor(
  { dataDir, variables, signal }: CommandContext,
  name: ActorName,
  stack: AsyncDisposableStack,
): Promise<Actor> {
  const party = stack.use(openParty(await environmentProfile(dataDir, name), { variables, signal }));
  return {
    party,
    keys: await party.keys(),
    store: await party.store(),
    affiliate: affiliateOfParty(party.self, party.profile.network.accountPrefix),
  };
}
