import { create } from "@bufbuild/protobuf";
import { type Any, DurationSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as cosmos from "@p8e/proto/cosmos";
import { type Actor, packed } from "../ledger-conformance/transaction.ts";
import type { World } from "../ledger-conformance/world.ts";
import type { Cast } from "./cast.ts";
import { sendAuthorization } from "./generate-values.ts";
import { query, type Step, type TransactionStep } from "./step.ts";

const SEND = "/cosmos.bank.v1beta1.MsgSend";
/** Long enough for the steps before it on a busy machine. */
const SOON_MS = 25_000;
const PERIOD_MS = 20_000;
const PRICE_OF_SEND = 2_000_000_000n;

/**
 * What time does to grants, allowances and transactions: steps in a fixed order, since chance would seldom meet it.
 * @param nowMs of the machine that both nodes run on
 */
export function timeSteps({ people }: Cast, nowMs: number): Step[] {
  const [alice, bob, carol] = people;
  const soon = timestampFromMs(nowMs + SOON_MS);
  const send = sending(alice, bob);
  const exec = packed(cosmos.authz.MsgExecSchema, { grantee: bob.address, msgs: [send] });
  const generic = packed(cosmos.authz.GenericAuthorizationSchema, { msg: SEND });
  const grants = query(cosmos.authz.Query.method.grants, { granter: alice.address, grantee: bob.address });
  const ofType = query(cosmos.authz.Query.method.grants, {
    granter: alice.address,
    grantee: bob.address,
    msgTypeUrl: SEND,
  });
  const given = query(cosmos.authz.Query.method.granterGrants, { granter: alice.address, pagination: {} });
  const allowance = query(cosmos.feegrant.Query.method.allowance, { granter: alice.address, grantee: bob.address });
  const allowances = query(cosmos.feegrant.Query.method.allowances, { grantee: bob.address });
  const basic = packed(cosmos.feegrant.BasicAllowanceSchema, { expiration: soon });
  const allow = (to: Actor, content: Any) =>
    packed(cosmos.feegrant.MsgGrantAllowanceSchema, {
      granter: alice.address,
      grantee: to.address,
      allowance: content,
    });
  const revokeAllowance = packed(cosmos.feegrant.MsgRevokeAllowanceSchema, {
    granter: alice.address,
    grantee: bob.address,
  });
  const paidByAlice = (by: Actor, what: string): TransactionStep => ({
    ...transaction(by, sending(by, by), what),
    alter: (_, { fee }) => {
      fee!.granter = alice.address;
    },
  });
  const after = (ms: number): Step => ({
    kind: "wait",
    what: `${ms} ms later`,
    until: (world) => world.waitForTime(ms),
  });
  return [
    transaction(alice, granting(alice, bob, generic, soon), "a grant until soon"),
    transaction(
      alice,
      granting(alice, carol, sendAuthorization([{ denom: "nhash", amount: "5" }]), soon),
      "for sending",
    ),
    transaction(bob, exec, "its use"),
    transaction(carol, executing(carol, sending(alice, carol, 2n)), "a part of what may be sent"),
    transaction(carol, executing(carol, sending(alice, carol, 4n)), "more than is left"),
    grants,
    ofType,
    given,
    transaction(alice, allow(bob, basic), "an allowance until soon"),
    paidByAlice(bob, "paid by the allowance"),
    allowance,
    allowances,
    transaction(alice, allow(carol, periodic(PRICE_OF_SEND + PRICE_OF_SEND / 2n)), "an allowance for each period"),
    paidByAlice(carol, "the first of its period"),
    paidByAlice(carol, "the second of its period"),
    ...unorderedSteps(alice, bob, nowMs),
    after(nowMs + SOON_MS),
    grants,
    ofType,
    given,
    allowance,
    allowances,
    transaction(bob, exec, "a use of the grant that is over"),
    transaction(
      alice,
      packed(cosmos.authz.MsgRevokeSchema, { granter: alice.address, grantee: bob.address, msgTypeUrl: SEND }),
      "revoking it",
    ),
    paidByAlice(bob, "paid by the allowance that is over"),
    transaction(alice, revokeAllowance, "revoking that"),
    transaction(alice, allow(bob, packed(cosmos.feegrant.BasicAllowanceSchema, {})), "another in its place"),
    paidByAlice(bob, "paid by the new one"),
    transaction(alice, granting(alice, bob, generic), "a grant without an end"),
    transaction(bob, exec, "its use"),
    transaction(alice, granting(alice, bob, generic, soon), "a grant that is over when it is given"),
    after(nowMs + SOON_MS + PERIOD_MS),
    paidByAlice(carol, "the first of the next period"),
    unordered(alice, nowMs + SOON_MS, "unordered, its time over"),
    timed(alice, (world) => world.timeMs(), -5_000, "its time over"),
    timed(alice, (world) => world.timeMs(), 60_000, "its time to come"),
  ];
}

function transaction(by: Actor, message: Any, what: string): TransactionStep {
  return { kind: "transaction", what, signers: [by], messages: [message] };
}

function sending(from: Actor, to: Actor, amount = 1n): Any {
  return packed(cosmos.bank.MsgSendSchema, {
    fromAddress: from.address,
    toAddress: to.address,
    amount: [{ denom: "nhash", amount: amount.toString() }],
  });
}

function executing(by: Actor, message: Any): Any {
  return packed(cosmos.authz.MsgExecSchema, { grantee: by.address, msgs: [message] });
}

function granting(from: Actor, to: Actor, authorization: Any, expiration?: ReturnType<typeof timestampFromMs>): Any {
  return packed(cosmos.authz.MsgGrantSchema, {
    granter: from.address,
    grantee: to.address,
    grant: { authorization, ...(expiration === undefined ? {} : { expiration }) },
  });
}

function periodic(limit: bigint): Any {
  const coins = [{ denom: "nhash", amount: limit.toString() }];
  return packed(cosmos.feegrant.PeriodicAllowanceSchema, {
    basic: {},
    period: create(DurationSchema, { seconds: BigInt(PERIOD_MS / 1_000) }),
    periodSpendLimit: coins,
    periodCanSpend: coins,
  });
}

/** The timeout is what an unordered transaction is known by, once for each signer. */
function unorderedSteps(alice: Actor, bob: Actor, nowMs: number): Step[] {
  const timeoutMs = nowMs + 120_000;
  return [
    unordered(alice, timeoutMs, "unordered"),
    unordered(alice, timeoutMs, "unordered, with the timeout again"),
    unordered(bob, timeoutMs, "unordered, with another's timeout"),
    unordered(alice, timeoutMs + 1, "unordered, with a timeout after"),
    unordered(alice, nowMs + 3_600_000, "unordered, too far away"),
    {
      ...unordered(alice, timeoutMs + 2, "unordered, with a sequence"),
      alter: (body) => {
        body.unordered = true;
        body.timeoutTimestamp = timestampFromMs(timeoutMs + 2);
      },
    },
  ];
}

function unordered(by: Actor, timeoutMs: number, what: string): TransactionStep {
  return {
    ...transaction(by, sending(by, by), what),
    alter: (body, authInfo) => {
      body.unordered = true;
      body.timeoutTimestamp = timestampFromMs(timeoutMs);
      for (const info of authInfo.signerInfos) info.sequence = 0n;
    },
  };
}

function timed(by: Actor, nowOf: (world: World) => Promise<number>, laterMs: number, what: string): TransactionStep {
  return {
    ...transaction(by, sending(by, by), what),
    alterFor: async (world) => {
      const timeMs = (await nowOf(world)) + laterMs;
      return (body) => {
        body.timeoutTimestamp = timestampFromMs(timeMs);
      };
    },
  };
}
