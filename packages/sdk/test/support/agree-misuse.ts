import assert from "node:assert/strict";
import { ledgerSigner } from "@p8e/chain";
import { networks } from "@p8e/core";
import { type ListenNews, listen } from "@p8e/sdk";
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

  const stop = new AbortController();
  const news: ListenNews[] = [];
  for await (const each of listen(bank.client, { signal: stop.signal, everyMs: 50 })) {
    news.push(each);
    if (each.kind === "unapproved" || news.length > 20) stop.abort();
  }
  const { sessionUuid, scope } = executed.prepared.packaged.request;
  const found = news.flatMap((each) => (each.kind === "unapproved" ? [each.found] : []));
  assert.deepEqual(
    found.map(({ atMs: _, ...rest }) => rest),
    [{ scopeUuid: scope.uuid, sessionUuid, writtenBy: grantee, height, onLedger: true }],
  );

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
