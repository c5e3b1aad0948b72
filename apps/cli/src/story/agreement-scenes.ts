import type { AnyContract } from "@p8e/contract";
import { P8eError, type Role, type ScopeAddress, type Uuid } from "@p8e/core";
import { partyOfAddress } from "@p8e/party";
import {
  type Affiliate,
  type PricedInspection,
  type PricedSession,
  type ProposalsTo,
  takeIn,
  viewRequest,
} from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { priceWords } from "../support/price-words.ts";
import { shorten } from "../terminal/format.ts";
import { type Actor, the } from "./stage.ts";
import { untilArrived } from "./until-arrived.ts";

// What happens in every session that several parties sign: asking, looking, and coming to an end.

/** A session that a party is to run on a loan. */
export interface Errand<C extends AnyContract> {
  readonly contract: C;
  readonly scope: ScopeAddress;
  readonly participants: Readonly<Partial<Record<Role, Affiliate>>>;
  readonly proposals: ProposalsTo<C>;
  readonly dataAccess?: readonly Affiliate[];
}

/** Runs a session at its invoker, from the invoker's own store; what it would read may still be on its way there. */
export async function runErrand<C extends AnyContract>(
  { screen, signal }: CommandContext,
  invoker: Actor,
  { contract, scope: address, participants, proposals, dataAccess = [] }: Errand<C>,
) {
  const { sessions } = await invoker.party.client();
  const scope = { kind: "existing", address } as const;
  return await screen.step(
    `${the(invoker)} runs a contract`,
    async () => {
      const executed = await untilArrived({ who: the(invoker), what: "what the contract reads", signal }, async () => {
        const found = await sessions.find(contract, scope, { signal });
        const request = { contract: found, scope, proposals, dataAccess };
        const of = new Map(Object.entries(participants) as [Role, Affiliate][]);
        return sessions.execute(await sessions.prepare({ ...request, participants: of }, { signal }), { signal });
      });
      return sessions.price(executed, { signal });
    },
    ({ executed }) =>
      `${the(invoker)} runs ${executed.prepared.contract.manifest.className} on what its own store holds`,
  );
}

/** Asks everybody who must sign. Gives the name under which all of them know the session. */
export async function askOthers(
  { screen, signal }: CommandContext,
  invoker: Actor,
  priced: PricedSession,
): Promise<Uuid> {
  const { agreements } = await invoker.party.client();
  const { others } = priced.executed;
  const names = others.map(({ address }) => `the ${nameAt(invoker, address).toLowerCase()}`).join(" and ");
  const { executionUuid } = await screen.step(
    `asking ${names}`,
    () => agreements.request(priced, { signal }),
    () => `${names} must sign too: asked by signed mail, from store to store`,
  );
  return executionUuid;
}

/** The request comes into the own store of who is asked, who executes the contract itself. */
export async function executeRequest(
  context: CommandContext,
  actor: Actor,
  execution: Uuid,
): Promise<PricedInspection> {
  const { screen, signal } = context;
  const client = await actor.party.client();
  const inspection = await screen.step(
    `${the(actor)} executes the contract itself`,
    () =>
      untilArrived({ who: the(actor), what: "the request and all that the contract reads", signal }, async () => {
        await takeMail(actor, signal);
        return client.agreements.inspect(execution, { signal, waitMs: 0 });
      }),
    () => `${the(actor)} runs the same contract on its own machine: the same result, byte for byte`,
  );
  return inspection;
}

/** What a person, or a program, sees before signing: what would change, and what a signature allows. */
export async function showRequest(
  { screen, signal }: CommandContext,
  actor: Actor,
  inspection: PricedInspection,
): Promise<void> {
  const { parts } = await actor.party.client();
  const view = await viewRequest(parts, inspection, { signal });
  const changes = view.outputs.flatMap(({ change }) => (change.kind === "changed" ? change.differences.shown : []));
  screen.say(`  What ${the(actor)} would sign${changes.length > CHANGES_SHOWN ? ", in part" : ""}:`);
  screen.table(
    ["field", "now", "then"],
    changes
      .slice(0, CHANGES_SHOWN)
      .map(({ path, before = "-", after = "-" }) => [
        path,
        shorten(before, VALUE_CHARACTERS),
        shorten(after, VALUE_CHARACTERS),
      ]),
  );
  const invoker = nameAt(actor, view.invoker);
  for (const text of view.leaveText) screen.note(`  Signing allows: ${text.replace(view.invoker, invoker)}.`);
}

const CHANGES_SHOWN = 3;
const VALUE_CHARACTERS = 18;

/** Whoever is asked executes the request, sees what it is, and signs. */
export async function approve(context: CommandContext, actor: Actor, execution: Uuid): Promise<void> {
  const { screen, signal } = context;
  const inspection = await executeRequest(context, actor, execution);
  await showRequest(context, actor, inspection);
  const { agreements } = await actor.party.client();
  const inWords = await priceWords(context, actor.party);
  const { cost } = inspection;
  await screen.step(
    `${the(actor)} signs`,
    () => agreements.approveInspected(inspection, { signal }),
    () =>
      `${the(actor)} signs${cost === undefined ? "" : `, and gives its leave on the ledger for ${inWords(cost.fee)}`}`,
  );
}

/** Mail comes in and what is due is done, until all of them know that the session came to this end. */
export async function untilAllKnow(
  { screen, signal }: CommandContext,
  actors: readonly Actor[],
  execution: Uuid,
  end: "committed" | "rejected",
  says: string,
): Promise<void> {
  const heardAt = (actor: Actor) =>
    untilArrived({ who: the(actor), what: `word that the session is ${end}`, signal }, async () => {
      // What one hears another may have to tell first.
      for (const each of actors) await takeMail(each, signal);
      const { state, reason } = await standAt(actor, execution);
      if (state === end) return true;
      if (["rejected", "expired", "cancelled", "failed"].includes(state)) {
        throw new P8eError(
          "internal.unexpected",
          `the session is ${state} at ${the(actor)}: ${reason ?? "no reason given"}`,
        );
      }
      return undefined;
    });
  await screen.step(
    "mail goes from store to store",
    async () => {
      for (const actor of actors) await heardAt(actor);
    },
    () => says,
  );
}

/** How a session stands at a party, its own or another's. */
export async function standAt(
  actor: Actor,
  execution: Uuid,
): Promise<{ readonly state: string; readonly reason?: string | undefined }> {
  const { state } = (await actor.party.client()).parts;
  const found = (await state.agreements.agreement(execution)) ?? (await state.agreements.approval(execution));
  if (found === undefined) throw new P8eError("session.not_found", `${the(actor)} does not know the session`);
  return found;
}

/** What waits for a party is taken in, and what is due is done. What is told of it, the scenes tell themselves. */
async function takeMail(actor: Actor, signal: AbortSignal): Promise<void> {
  for await (const _news of takeIn(await actor.party.client(), { signal }));
}

/** What a party calls an account. */
export function nameAt({ party }: Actor, address: string): string {
  return partyOfAddress(party.profile, address)?.title ?? address;
}
