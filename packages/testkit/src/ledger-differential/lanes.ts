import * as cosmos from "@p8e/proto/cosmos";
import { owner, writeFamily, writeRecord, writeScope, writeSession } from "../ledger-conformance/messages.ts";
import { packed } from "../ledger-conformance/transaction.ts";
import type { World } from "../ledger-conformance/world.ts";
import type { Cast } from "./cast.ts";
import { Choice } from "./choice.ts";
import { someOddity } from "./generate-envelopes.ts";
import { someMessage } from "./generate-messages.ts";
import { someQuery } from "./generate-queries.ts";
import type { Step, TransactionStep } from "./step.ts";

/** The steps of one lane: all follow from the seed. */
export function stepsOf(seed: number, cast: Cast, count: number): Step[] {
  const choice = new Choice(seed);
  return Array.from({ length: count }, () => someStep(choice, cast));
}

function someStep(choice: Choice, cast: Cast): Step {
  if (choice.below(5) < 2) return someQuery(choice, cast);
  if (choice.once(6)) return several(choice, cast);
  const { signer, message } = someMessage(choice, cast);
  const plain: TransactionStep = {
    kind: "transaction",
    what: short(message.typeUrl),
    signers: [signer],
    messages: [message],
  };
  if (!choice.once(3)) return plain;
  const { what, ...oddity } = someOddity(choice, cast);
  const harmless = packed(cosmos.bank.MsgSendSchema, {
    fromAddress: signer.address,
    toAddress: signer.address,
    amount: [{ denom: "nhash", amount: "1" }],
  });
  const messages = choice.once(3) ? [message] : [harmless];
  return { ...plain, ...oddity, messages, what: `${short(messages[0]!.typeUrl)} with ${what}` };
}

/** Two messages or three in one transaction, of one signer or of several: all of them happen, or none. */
function several(choice: Choice, cast: Cast): TransactionStep {
  const sent = Array.from({ length: 2 + choice.below(2) }, () => someMessage(choice, cast));
  const messages = sent.map(({ message }) => message);
  const signers = [...new Set(sent.map(({ signer }) => signer))];
  const what = messages.map(({ typeUrl }) => short(typeUrl)).join(" and ");
  if (!choice.once(8)) return { kind: "transaction", what, signers, messages };
  return { kind: "transaction", what: `${what}, signed in another order`, signers: signers.toReversed(), messages };
}

function short(typeUrl: string): string {
  return typeUrl.split(".").at(-1) ?? typeUrl;
}

/** 10,000 hash each. */
const FUNDS = 10_000_000_000_000n;

/** Gives everybody of all lanes money, and each lane its specifications and two scopes with a record. */
export async function prepare(world: World, casts: readonly Cast[]): Promise<void> {
  const outputs = casts.flatMap(({ people, silent }) => [...people, silent]);
  const coins = (amount: bigint) => [{ denom: "nhash", amount: amount.toString() }];
  await world.succeed(
    [world.faucet],
    [
      packed(cosmos.bank.MsgMultiSendSchema, {
        inputs: [{ address: world.faucet.address, coins: coins(FUNDS * BigInt(outputs.length)) }],
        outputs: outputs.map(({ address }) => ({ address, coins: coins(FUNDS) })),
      }),
    ],
  );
  await Promise.all(
    casts.map(async ({ people, family, scopes, sessions }) => {
      await Promise.all(people.map((person) => world.succeed([person], [world.send(person, person, 1n)])));
      const [alice, bob] = people;
      await world.succeed([alice], writeFamily(family, alice));
      const [first, second] = scopes;
      await world.succeed(
        [alice],
        [
          writeScope(family, first, [owner(alice)], [alice], { valueOwnerAddress: alice.address }),
          writeScope(family, second, [owner(bob)], [alice], {
            valueOwnerAddress: bob.address,
            dataAccess: [alice.address],
          }),
          writeSession(family, first, sessions[0], [owner(alice)], [alice]),
          writeRecord(first, sessions[0], [alice]),
        ],
      );
    }),
  );
}
