import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ChainClient } from "@p8e/chain";
import { P8eError, type Uuid } from "@p8e/core";
import { P8eClient } from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import { leaveInTheDark, leaveUsedTwice, misuseLeave } from "./support/agree-misuse.ts";
import {
  type AgreeWorld,
  asked,
  hearsOfRefusal,
  openAgreeWorld,
  request,
  stateAt,
  takeMail,
  turnsUntil,
} from "./support/agree-world.ts";

describe("an approver for whom something fails", () => {
  let world: AgreeWorld;
  before(async () => {
    world = await openAgreeWorld(undefined, { three: false });
  });
  after(() => world?.[Symbol.asyncDispose]());

  const askedOfBank = async (name: string) => {
    const { lender, bank } = world;
    const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
    const { executionUuid } = await request(world, { contract: "two", participants, name });
    await asked(bank, executionUuid);
    return executionUuid;
  };
  const grants = () => {
    const [granter, grantee] = [world.bank, world.lender].map(({ client }) => client.parts.state.origin.party);
    return world.chain.accounts.grants(granter!, grantee!);
  };

  it("is told that a grant could not be given, also when others of the same invoker are open", async () => {
    const { lender, bank } = world;
    const first = await askedOfBank("Ada");
    const second = await askedOfBank("Bea");
    assert.equal((await bank.client.agreements.approve(first)).state, "approved");
    const thrifty = new P8eClient({ ...bank.client.parts, feeMax: 1n });
    await assert.rejects(thrifty.agreements.approve(second), { code: "ledger.fee_ceiling" });
    assert.equal(await stateAt(bank, second), "approving");
    assert.equal((await bank.client.agreements.approve(second)).state, "approved");
    await turnsUntil([lender, bank], async () => {
      const states = await Promise.all([first, second].map((uuid) => stateAt(bank, uuid)));
      return states.every((state) => state === "committed") && (await grants()).length === 0;
    });
  });

  it("takes its grant back while its own store cannot be asked, and tells the others later", async () => {
    const { lender, bank } = world;
    const execution = await askedOfBank("Cleo");
    await bank.client.agreements.approve(execution);
    assert.equal((await grants()).length, 1);
    const { store } = bank.client.parts;
    const away = new Proxy(store, {
      get: (of, name) => {
        if (name === "put") return async () => Promise.reject(new P8eError("rpc.unavailable", "the store is away"));
        const value = Reflect.get(of, name);
        return typeof value === "function" ? value.bind(of) : value;
      },
    });
    const cut = new P8eClient({ ...bank.client.parts, store: away });
    await assert.rejects(cut.agreements.reject(execution, "changed our mind"), { code: "rpc.unavailable" });
    assert.deepEqual(await grants(), []);
    await hearsOfRefusal({ invoker: lender, refuser: bank }, execution);
  });

  it("cannot take back what is on the ledger already, though nobody has told it yet", async () => {
    const { lender, bank } = world;
    const execution = await askedOfBank("Dora");
    await bank.client.agreements.approve(execution);
    await turnsUntil([lender], async () => (await stateAt(lender, execution)) === "committed");
    assert.equal(await stateAt(bank, execution), "approved");
    await assert.rejects(bank.client.agreements.reject(execution, "changed our mind"), { code: "session.too_late" });
    await turnsUntil([bank], async () => (await stateAt(bank, execution)) === "committed");
    assert.deepEqual(await grants(), []);
  });

  it("hears of an end though its invoker has another session that cannot be written just now", async () => {
    const { lender, bank } = world;
    const stuck = await askedOfBank("Enno");
    const other = await askedOfBank("Fay");
    await bank.client.agreements.approve(stuck);
    const signed = async () => {
      await takeMail(lender);
      return stateAt(lender, stuck);
    };
    await eventually("it is signed", signed, (state) => state === "signed");
    const { chain } = lender.client.parts;
    const unavailable = async () => Promise.reject(new P8eError("ledger.unavailable", "the ledger is away"));
    const nothing = new Proxy(chain.metadata, { get: () => unavailable });
    const away = new Proxy(chain, { get: (of, name) => (name === "metadata" ? nothing : Reflect.get(of, name, of)) });
    const cut = new P8eClient({ ...lender.client.parts, chain: away });
    assert.equal((await cut.agreements.cancel(other)).state, "cancelled");
    const cancelled = async () => {
      await takeMail(bank);
      return stateAt(bank, other);
    };
    await eventually("the bank is told", cancelled, (state) => state === "cancelled");
    await turnsUntil([lender, bank], async () => (await stateAt(bank, stuck)) === "committed");
  });

  /** The lender takes the bank's signature in, signs the transaction, and dies before it sends it. */
  const onItsWay = async (execution: Uuid) => {
    const { lender } = world;
    const { chain } = lender.client.parts;
    const died = new P8eError("rpc.unavailable", "the process has died");
    const dying = new Proxy(chain, {
      get(of, name) {
        if (name === "submit") {
          return (messages: Parameters<ChainClient["submit"]>[0], options: Parameters<ChainClient["submit"]>[1]) =>
            chain.submit(messages, {
              ...options,
              onSigned: async (transaction) => {
                await options.onSigned?.(transaction);
                throw died;
              },
            });
        }
        return Reflect.get(of, name, of);
      },
    });
    const mortal = new P8eClient({ ...lender.client.parts, chain: dying });
    const sent = async () => {
      await takeMail(lender);
      await mortal.agreements.settle();
      return stateAt(lender, execution);
    };
    await eventually("its transaction is signed", sent, (state) => state === "broadcasting");
  };

  it("is told that a session is on the ledger, though it has refused while that was on its way", async () => {
    const { lender, bank } = world;
    const execution = await askedOfBank("Gwen");
    await bank.client.agreements.approve(execution);
    await onItsWay(execution);
    const { chain } = bank.client.parts;
    const away = async () => Promise.reject(new P8eError("ledger.unavailable", "the ledger is away"));
    const mute = new Proxy(chain, { get: (of, name) => (name === "submit" ? away : Reflect.get(of, name, of)) });
    const cut = new P8eClient({ ...bank.client.parts, chain: mute });
    assert.equal((await cut.agreements.reject(execution, "changed our mind")).state, "revoked");
    const heard = async () => (await takeMail(lender)).effects.map(({ kind }) => kind);
    await eventually("the lender hears of it", heard, (kinds) => kinds.includes("crossed"));
    await turnsUntil([lender], async () => (await stateAt(lender, execution)) === "committed");
    await turnsUntil([bank], async () => (await stateAt(bank, execution)) === "committed");
    assert.deepEqual(await grants(), []);
    const causes = (await lender.client.agreements.transitions(execution)).map(({ cause }) => cause);
    assert.ok(causes.includes("refused while it was on its way to the ledger: changed our mind"), causes.join());
  });

  it("has nothing on the ledger when its grant was gone before the transaction came there, and all know that", async () => {
    const { lender, bank } = world;
    const execution = await askedOfBank("Hans");
    await bank.client.agreements.approve(execution);
    await onItsWay(execution);
    assert.equal((await bank.client.agreements.reject(execution, "changed our mind")).state, "revoked");
    assert.deepEqual(await grants(), []);
    await turnsUntil([lender, bank], async () => (await stateAt(lender, execution)) === "failed");
    await turnsUntil([lender, bank], async () => (await lender.client.agreements.agreement(execution)).told);
    assert.equal(await stateAt(bank, execution), "revoked");
  });

  it("is told when its leave was used for what it has not approved, and gives none again for what was asked before", () =>
    misuseLeave(world));

  it("gives none while it cannot be known what earlier leave was used for, and is told when it never will be", () =>
    leaveInTheDark({ world, askedOfBank }));

  it("does not take a session that it approved for what another use of its leave was for", () =>
    leaveUsedTwice({ world, askedOfBank }));

  it("does not wait for another session of the invoker's that cannot be written just now", async () => {
    const { lender, bank } = world;
    const [stuck, free] = [await askedOfBank("Ida"), await askedOfBank("Jan")];
    for (const execution of [stuck, free]) await bank.client.agreements.approve(execution);
    const signed = async () => {
      await takeMail(lender);
      return Promise.all([stuck, free].map((execution) => stateAt(lender, execution)));
    };
    await eventually("both are signed", signed, (states) => states.every((state) => state === "signed"));
    const { chain } = lender.client.parts;
    let first = true;
    const halting = new Proxy(chain, {
      get(of, name) {
        if (name === "submit" && first) {
          first = false;
          return async () => Promise.reject(new P8eError("store.storage", "the store cannot read its disk"));
        }
        const value: unknown = Reflect.get(of, name, of);
        return typeof value === "function" ? value.bind(of) : value;
      },
    });
    const { failures, resumed } = await new P8eClient({ ...lender.client.parts, chain: halting }).agreements.settle();
    assert.deepEqual(
      failures.map(({ error }) => error.code),
      ["store.storage"],
    );
    assert.deepEqual(
      resumed.map(({ execution }) => execution.state),
      ["committed"],
    );
    await turnsUntil([lender, bank], async () => {
      const states = await Promise.all([stuck, free].map((execution) => stateAt(bank, execution)));
      return states.every((state) => state === "committed");
    });
  });
});
