import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { ledgerSigner, writeScope } from "@p8e/chain";
import { parseUuid, scopeAddress } from "@p8e/core";
import type { WorldParty } from "../world-fixture.ts";
import { type AgreeWorld, asked, request, stateAt, turnsUntil } from "./agree-world.ts";

/**
 * A session in a scope with party rollup: two sign it, and the third owner, who is optional, is neither asked nor needed;
 * the ledger takes it. Then the same in the session's place, which the parties of the session before must let happen.
 */
export async function agreeInRolledUpScope(world: AgreeWorld): Promise<void> {
  const { lender, bank, validator, chain } = world;
  const signerOf = ({ party, client }: WorldParty) => ledgerSigner(party.signing, client.parts.network.accountPrefix);
  const signers = [lender, bank, validator].map(signerOf);
  const [owner, servicer, investor] = signers.map(({ address }) => address);
  const scope = scopeAddress(parseUuid(randomUUID()));
  await chain.submit(
    [
      writeScope({
        ...{ scope, specification: world.specification, valueOwner: owner!, requirePartyRollup: true },
        owners: [
          { address: owner!, role: "OWNER", optional: false },
          { address: servicer!, role: "SERVICER", optional: true },
          { address: investor!, role: "INVESTOR", optional: true },
        ],
        signers: signers.map(({ address }) => address),
      }),
    ],
    { signer: signers[0]!, coSigners: signers.slice(1) },
  );
  const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
  for (const name of ["Ada", "Grace"]) {
    const { executionUuid, others } = await request(world, { contract: "two", participants, name, scope });
    assert.deepEqual(
      others.map(({ address }) => address),
      [servicer],
      "an optional owner who is no party of the contract is not asked",
    );
    await asked(bank, executionUuid);
    await bank.client.agreements.approve(executionUuid);
    await turnsUntil([lender, bank], async () => {
      const open = (await bank.client.agreements.approval(executionUuid)).granted;
      return (await stateAt(lender, executionUuid)) === "committed" && !open;
    });
  }
  const { sessions, records } = await lender.client.reader.scope(scope);
  assert.deepEqual([sessions.length, records.length], [1, 1]);
  assert.deepEqual(await chain.accounts.grants(servicer!, owner!), []);
  await turnsUntil([], async () => (await bank.client.reader.verify(scope)).ok);
}
