import { type ContentHash, hasCode, P8eError } from "@p8e/core";
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

/** Where the story plays: two parties, each with its own store, and a ledger that both can ask. */
export interface Stage extends AsyncDisposable {
  readonly file: EnvironmentFile;
  readonly lender: Actor;
  readonly bank: Actor;
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
    if (running === undefined) stack.use(await bringUp(context, ["lender", "bank"], ledger));
    else screen.note(`The environment in ${dataDir} is up already (process ${running}); the story plays there.`);
    const file = await requireEnvironment(dataDir);
    requireLedger(dataDir, file, ledger);
    const lender = await openActor(context, "lender", stack);
    const bank = await openActor(context, "bank", stack);
    const owned = stack.move();
    return { file, lender, bank, owned: running === undefined, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function openActor(
  { dataDir, variables, signal }: CommandContext,
  name: string,
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

/**
 * Tries until it works; what is on its way between two stores is not there yet.
 * @throws what `look` throws when patience ends, and at once for anything but `object.not_found`
 */
export async function untilArrived<T>(look: () => Promise<T>, signal: AbortSignal, patienceMs = 60_000): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      const absent = hasCode(error, "object.not_found");
      if (!absent || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (signal.aborted) throw new P8eError("rpc.cancelled", "the story was interrupted");
  }
}
