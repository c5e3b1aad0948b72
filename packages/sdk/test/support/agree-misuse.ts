import assert from "node:assert/strict";
import { type ChainClient, ledgerSigner } from "@p8e/chain";
import { networks, P8eError, type Uuid } from "@p8e/core";
import { listen, P8eClient, type UnapprovedUse } from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import { type AgreeWorld, asked, hearsOfRefusal, priced, request, stateAt, turnsUntil } from "./agree-world.ts";

/**
 * An invoker uses the leave that it got for one session to write another: whoever gave it is told which, takes the rest back,
 * and gives none again for what was asked before.
 */
export async function misuseLeave(world: AgreeWorld): Promise<void> {
  const { lender, bank, chain } = world;
  const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
  const two = { contract: "two", participants } as const;
  const [granter, grantee] = [bank, lender].map(({ client }) => client.parts.state.origin.party);
  const askedOfBank = async (name: string) => {
    const { executionUuid } = await request(world, { ...two, name });
    await asked(bank, executionUuid);
    return executionUuid;
  };
  const approved = await askedOfBank("Ada");
  await bank.client.agreements.approve(approved);

  const { executed } = await priced(world, { ...two, name: "Mallory" });
  const signer = ledgerSigner(lender.party.signing, networks.local.accountPrefix);
  const { height } = await chain.submit(executed.messages, { signer });

  const { sessionUuid, scope } = executed.prepared.packaged.request;
  const found = await toldOf(bank);
  const session = { scopeUuid: scope.uuid, sessionUuid, onLedger: true };
  assert.deepEqual(found, [{ session, writtenBy: grantee, height }]);
  assert.deepEqual(await bank.client.parts.state.leaveWatches.untold(), []);

  const refused = async () => {
    const { failures } = await bank.client.agreements.settle();
    return failures.map(({ execution, error }) => [execution, error.code]);
  };
  assert.deepEqual(await refused(), [[approved, "session.unapproved"]]);
  assert.deepEqual(await chain.accounts.grants(granter!, grantee!), []);
  await bank.client.agreements.reject(approved, "you wrote another session with our leave");
  await hearsOfRefusal({ invoker: lender, refuser: bank }, approved);

  const next = await askedOfBank("Grace");
  await bank.client.agreements.approve(next);
  await turnsUntil([lender, bank], async () => (await stateAt(bank, next)) === "committed");
  await eventually(
    "nothing is left to look after",
    async () => {
      await bank.client.agreements.settle();
      return (await bank.client.parts.state.leaveWatches.list()).length;
    },
    (count) => count === 0,
  );
  assert.equal((await bank.client.parts.state.leaveWatches.unapproved()).length, 1);
}

/** What a party that listens is told of the use of its leave, until it is told of some. */
async function toldOf({ client }: AgreeWorld["bank"]): Promise<readonly Omit<UnapprovedUse, "atMs">[]> {
  const found: Omit<UnapprovedUse, "atMs">[] = [];
  // As long as "eventually" waits.
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(30_000)]);
  for await (const news of listen(client, { signal, everyMs: 50 })) {
    if (news.kind !== "unapproved") continue;
    const { atMs: _, ...rest } = news.found;
    found.push(rest);
    stop.abort();
  }
  return found;
}

/**
 * What an invoker did with its leave cannot be known, each time for another reason: the giver gives it none before it is, and
 * none at all for what was asked before when it never will be.
 */
export async function leaveInTheDark({ world, askedOfBank }: DarkParts): Promise<void> {
  const { lender, bank, chain } = world;
  const [granter, grantee] = [bank, lender].map(({ client }) => client.parts.state.origin.party);
  const { leaveWatches } = bank.client.parts.state;
  const blocksBy = (messagesAt: ChainClient["messagesAt"]) => {
    const seeing = new Proxy(chain, {
      get: (of, name) => {
        const value: unknown = name === "messagesAt" ? messagesAt : Reflect.get(of, name, of);
        return typeof value === "function" ? value.bind(of) : value;
      },
    });
    return new P8eClient({ ...bank.client.parts, chain: seeing });
  };
  const usesLeft = async () => (await chain.accounts.grants(granter!, grantee!)).map(({ uses }) => uses);
  const known = (await leaveWatches.unapproved()).length;

  const first = await askedOfBank("Kim");
  await bank.client.agreements.approve(first);
  // As if the leave came from before there were watches.
  for (const watch of await leaveWatches.list()) await leaveWatches.end(watch);
  await bank.client.agreements.settle();
  assert.deepEqual(
    (await leaveWatches.list()).map((watch) => watch.grantee),
    [grantee],
  );
  const second = await askedOfBank("Lea");
  const left = await usesLeft();
  const away = blocksBy(async () => Promise.reject(new P8eError("ledger.unavailable", "the node is away")));
  await assert.rejects(away.agreements.approve(second), { code: "ledger.unavailable" });
  assert.deepEqual([await stateAt(bank, second), await usesLeft()], ["approving", left]);
  await bank.client.agreements.settle();
  assert.equal(await stateAt(bank, second), "approved");
  assert.equal((await leaveWatches.unapproved()).length, known);

  // A transaction that this client cannot read is left out of its block.
  const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
  const { executed } = await priced(world, { contract: "two", participants, name: "Mallory" });
  await chain.submit(executed.messages, { signer: ledgerSigner(lender.party.signing, networks.local.accountPrefix) });
  const { failures } = await blocksBy(async () => []).agreements.settle();
  assert.deepEqual(
    failures.map(({ error }) => error.code),
    ["session.unapproved", "session.unapproved"],
  );
  assert.deepEqual(await usesLeft(), []);
  const [found] = await leaveWatches.unapproved();
  assert.deepEqual([found?.writtenBy, found?.session], [grantee, undefined]);
  for (const uuid of [first, second]) await bank.client.agreements.reject(uuid, "what did you do with our leave?");
  for (const uuid of [first, second]) await hearsOfRefusal({ invoker: lender, refuser: bank }, uuid);

  const third = await askedOfBank("Mia");
  await bank.client.agreements.approve(third);
  const gone = blocksBy(async () => Promise.reject(new P8eError("ledger.not_found", "the node has the block no more")));
  const lost = await gone.agreements.settle();
  assert.deepEqual(
    lost.failures.map(({ error }) => error.code),
    ["ledger.not_found", "session.unapproved"],
  );
  await bank.client.agreements.reject(third, "we do not know what you did");
  await hearsOfRefusal({ invoker: lender, refuser: bank }, third);
  assert.equal((await leaveWatches.unapproved()).length, known + 2);
}

/** A session that was approved explains its own leave once: when it is named again, what is used then is another's. */
export async function leaveUsedTwice({ world, askedOfBank }: DarkParts): Promise<void> {
  const { lender, bank, chain } = world;
  const done = await askedOfBank("Nora");
  await bank.client.agreements.approve(done);
  await turnsUntil([lender, bank], async () => (await stateAt(bank, done)) === "committed");
  const { height: newest } = await chain.newestBlock();
  let again: Awaited<ReturnType<ChainClient["messagesAt"]>> = [];
  for (let height = newest; again.length === 0; height--) {
    const messages = await chain.messagesAt(height);
    if (messages.some(({ typeUrl }) => typeUrl.endsWith("MsgWriteSessionRequest"))) again = messages;
  }

  const open = await askedOfBank("Olga");
  await bank.client.agreements.approve(open);
  await bank.client.agreements.settle();
  const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
  const { executed } = await priced(world, { contract: "two", participants, name: "Mallory" });
  await chain.submit(executed.messages, { signer: ledgerSigner(lender.party.signing, networks.local.accountPrefix) });
  // As if it had been written into the session that is there.
  const naming = new Proxy(chain, {
    get: (of, name) => {
      const value: unknown = name === "messagesAt" ? async () => again : Reflect.get(of, name, of);
      return typeof value === "function" ? value.bind(of) : value;
    },
  });
  const seeing = new P8eClient({ ...bank.client.parts, chain: naming });
  const { failures } = await seeing.agreements.settle();
  assert.deepEqual(
    failures.map(({ execution, error }) => [execution, error.code]),
    [[open, "session.unapproved"]],
  );
  await bank.client.agreements.reject(open, "what did you do with our leave?");
  await hearsOfRefusal({ invoker: lender, refuser: bank }, open);
}

interface DarkParts {
  readonly world: AgreeWorld;
  readonly askedOfBank: (name: string) => Promise<Uuid>;
}
