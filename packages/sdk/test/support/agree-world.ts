import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { create } from "@bufbuild/protobuf";
import { buildContract } from "@p8e/contract";
import { P8eError, type Role, type ScopeAddress, type ScopeSpecificationAddress, type Uuid } from "@p8e/core";
import { PersonSchema } from "@p8e/example-hello";
import type { Affiliate, MailEffect, PricedSession, RequestedSession, SessionScope, Settled } from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import { type ForeignLedger, openWorld, type World, type WorldParty } from "../world-fixture.ts";
import one from "./agree/one.ts";
import { agreeScope } from "./agree/scope-specification.ts";
import three from "./agree/three.ts";
import two from "./agree/two.ts";

const contracts = { one, two, three };

/** A world in which contracts that several sign are published. */
export interface AgreeWorld extends World {
  readonly specification: ScopeSpecificationAddress;
}

/** @param foreign instead of an embedded ledger */
export async function openAgreeWorld(foreign?: ForeignLedger, options = { three: true }): Promise<AgreeWorld> {
  const world = await openWorld(foreign, options);
  try {
    const { publisher } = world.lender.client;
    let specification: ScopeSpecificationAddress | undefined;
    for (const name of Object.keys(contracts)) {
      const entry = fileURLToPath(new URL(`agree/${name}.ts`, import.meta.url));
      const built = await buildContract({ entry, describe: (bundle) => world.sandbox.describe(bundle) });
      const plan = await publisher.plan({ built, scopes: [agreeScope], audience: [] });
      await publisher.publish(plan);
      specification = plan.scopes[0]!;
    }
    return { ...world, specification: specification! };
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a session of a test is of. */
export interface SessionCase {
  readonly invoker?: WorldParty;
  readonly contract: keyof typeof contracts;
  readonly participants: Readonly<Partial<Record<Role, Affiliate>>>;
  readonly name: string;
  readonly scope?: ScopeAddress;
  readonly deadlineMs?: number;
  readonly dataAccess?: readonly Affiliate[];
}

/** Prepared, executed and priced. */
export async function priced(world: AgreeWorld, of: SessionCase): Promise<PricedSession> {
  const { sessions } = (of.invoker ?? world.lender).client;
  const scope: SessionScope =
    of.scope === undefined
      ? { kind: "new", specification: world.specification }
      : { kind: "existing", address: of.scope };
  const { deadlineMs, dataAccess } = of;
  const contract = await sessions.find(contracts[of.contract], scope);
  const prepared = await sessions.prepare({
    ...{ contract, scope, proposals: { person: create(PersonSchema, { name: of.name }) } },
    participants: new Map(Object.entries(of.participants) as [Role, Affiliate][]),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(dataAccess === undefined ? {} : { dataAccess }),
  });
  return sessions.price(await sessions.execute(prepared));
}

/** Everybody who must sign is asked. */
export async function request(world: AgreeWorld, of: SessionCase): Promise<RequestedSession> {
  return (of.invoker ?? world.lender).client.agreements.request(await priced(world, of));
}

/** What one look into the mailbox brought: effects, and why a mail had none. */
export interface MailRound {
  readonly effects: readonly MailEffect[];
  readonly refused: readonly P8eError[];
}

/** Takes in what waits for a party. A mail that can have no effect is acknowledged too, so that it goes away. */
export async function takeMail({ client, store, party }: WorldParty): Promise<MailRound> {
  const effects: MailEffect[] = [];
  const refused: P8eError[] = [];
  for (const mail of await store.mail(party.encryption)) {
    try {
      effects.push(await client.agreements.receive(mail));
    } catch (error) {
      refused.push(P8eError.from(error));
    }
    await store.acknowledge(mail.uuid, party.encryption.publicKey);
  }
  return { effects, refused };
}

/** Mail and what is due, again and again, until a party's request is there. */
export async function asked(party: WorldParty, execution: Uuid): Promise<void> {
  const there = async () => {
    await takeMail(party);
    return (await party.client.parts.state.agreements.approval(execution)) !== undefined;
  };
  await eventually("the request is there", there, (answer) => answer);
}

/** One look into the mailbox, and what is due then; nothing of it may fail. */
export async function turn(party: WorldParty): Promise<Settled> {
  const { refused } = await takeMail(party);
  assert.deepEqual(refused, []);
  const settled = await party.client.agreements.settle();
  assert.deepEqual(settled.failures, []);
  return settled;
}

/** Turns of these parties until what is asked for holds. */
export async function turnsUntil(parties: readonly WorldParty[], holds: () => Promise<boolean>): Promise<void> {
  const round = async () => {
    for (const party of parties) await turn(party);
    return holds();
  };
  await eventually("the parties come to it", round, (answer) => answer);
}

/** Turns until an invoker knows that an approval was taken back. Until then it finds no grant for what was signed. */
export async function hearsOfRefusal(
  { invoker, refuser }: { readonly invoker: WorldParty; readonly refuser: WorldParty },
  execution: Uuid,
): Promise<void> {
  const round = async () => {
    await turn(refuser);
    await takeMail(invoker);
    const { failures } = await invoker.client.agreements.settle();
    assert.ok(failures.every(({ error }) => error.code === "session.grant_missing"));
    return stateAt(invoker, execution);
  };
  await eventually("the invoker hears of it", round, (state) => state === "rejected");
}

/** How an execution stands at its invoker's. */
export async function stateAt({ client }: WorldParty, execution: Uuid): Promise<string | undefined> {
  const { state } = client.parts;
  return (await state.get(execution))?.state ?? (await state.agreements.approval(execution))?.state;
}
