import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { buildContract, scopeSpecificationUuid } from "@p8e/contract";
import {
  type ContentHash,
  equalBytes,
  isP8eError,
  P8eError,
  type ScopeAddress,
  type ScopeSpecificationAddress,
  scopeSpecificationAddress,
} from "@p8e/core";
import { environmentProfile } from "@p8e/environment";
import { contractEntry, greet, PersonSchema, scopeSpecification } from "@p8e/example-hello";
import type { OpenPartyKeys } from "@p8e/keys";
import type { ObjectClient } from "@p8e/object-client";
import { affiliateOfParty, type OpenParty, openParty } from "@p8e/party";
import { type Affiliate, type SessionScope, verifyScope } from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import type { Seeded } from "./seeded.ts";

/** What was acknowledged, and must therefore be there for ever. */
interface Acknowledged {
  readonly objects: Map<ContentHash, Uint8Array>;
  readonly scopes: Set<ScopeAddress>;
}

/** Told each step that the work comes past; a kill happens at one of them. */
export type Steps = (what: string) => void;

const AT_ONCE = 3;
const EVENTUALLY_MS = 60_000;

/** A party with its keys and its store at hand. */
interface Worker {
  readonly party: OpenParty;
  readonly keys: OpenPartyKeys;
  readonly store: ObjectClient;
  readonly affiliate: Affiliate;
}

async function openWorker(dataDir: string, name: string): Promise<Worker> {
  const party = openParty(await environmentProfile(dataDir, name), { variables: {} });
  const affiliate = affiliateOfParty(party.self, party.profile.network.accountPrefix);
  return { party, keys: await party.keys(), store: await party.store(), affiliate };
}

/** A lender that stores objects for a bank and writes sessions, while servers die under it. */
export class CrashWork implements AsyncDisposable {
  readonly #acknowledged: Acknowledged = { objects: new Map(), scopes: new Set() };
  readonly #checked: Acknowledged = { objects: new Map(), scopes: new Set() };
  readonly #specification: ScopeSpecificationAddress;
  readonly #lender: Worker;
  readonly #bank: Worker;

  private constructor(lender: Worker, bank: Worker) {
    this.#lender = lender;
    this.#bank = bank;
    this.#specification = scopeSpecificationAddress(
      scopeSpecificationUuid(lender.party.self.address, scopeSpecification.name),
    );
  }

  static async open(dataDir: string): Promise<CrashWork> {
    return new CrashWork(await openWorker(dataDir, "lender"), await openWorker(dataDir, "bank"));
  }

  /** Whether the ledger tells what came of a transaction. */
  async keepsResults(): Promise<boolean> {
    return (await this.#lender.party.chain()).keepsResults;
  }

  async publish(): Promise<void> {
    const { publisher } = await this.#lender.party.client();
    const sandbox = await this.#lender.party.sandbox();
    const built = await buildContract({ entry: contractEntry, describe: (bundle) => sandbox.describe(bundle) });
    const plan = await publisher.plan({ built, scopes: [scopeSpecification], audience: [] });
    await publisher.publish(plan);
    assert.deepEqual(plan.scopes, [this.#specification]);
  }

  /** Six objects, small and large, three at a time, and one session beside them. */
  async run(seeded: Seeded, step: Steps): Promise<void> {
    const objects = Array.from({ length: 6 }, () => seeded.bytes(seeded.pick([100, 5_000, 300_000, 3_000_000])));
    const person = Buffer.from(seeded.bytes(8)).toString("hex");
    const putter = async () => {
      for (let next = objects.shift(); next !== undefined; next = objects.shift()) await this.#put(next, step);
    };
    await Promise.all([...Array.from({ length: AT_ONCE }, putter), this.#session(person, step)]);
  }

  /** Completes what was interrupted, as the next run of a program would. */
  async resume(): Promise<void> {
    const { sessions, parts } = await this.#lender.party.client();
    await soon("resumption", async () => {
      for (const { session, error } of await sessions.resume()) {
        if (error !== undefined) throw error;
        this.#acknowledged.scopes.add(session!.scope);
      }
    });
    const open = await parts.state.list(["created", "signed", "broadcasting"]);
    assert.deepEqual(open, [], "an execution is neither done nor given up");
  }

  /** Reads what was acknowledged since the last check, at the lender and at the bank, and compares it. */
  async check(): Promise<void> {
    await this.#compare(this.#acknowledged);
    for (const [hash, bytes] of this.#acknowledged.objects) this.#checked.objects.set(hash, bytes);
    for (const scope of this.#acknowledged.scopes) this.#checked.scopes.add(scope);
    this.#acknowledged.objects.clear();
    this.#acknowledged.scopes.clear();
  }

  /** Reads everything that was ever acknowledged. */
  async checkAll(): Promise<void> {
    await this.check();
    await this.#compare(this.#checked);
  }

  async #compare({ objects, scopes }: Acknowledged): Promise<void> {
    for (const [hash, expected] of objects) {
      const kept = await this.#lender.store.getBytes(hash, { key: this.#lender.keys.encryption });
      assert.ok(equalBytes(kept, expected), `${hash} is another object at the lender`);
      const arrived = await soon("arrival at the bank", () =>
        this.#bank.store.getBytes(hash, { key: this.#bank.keys.encryption }),
      );
      assert.ok(equalBytes(arrived, expected), `${hash} is another object at the bank`);
    }
    for (const party of [this.#lender, this.#bank]) {
      // A real node that was killed is away for seconds, in which nobody can begin to ask it.
      const chain = await soon("the ledger", () => party.party.chain());
      const reader = { chain, store: party.store, sandbox: await party.party.sandbox() };
      for (const scope of scopes) {
        await soon("verification", async () => {
          const { findings } = await verifyScope({ ...reader, key: party.keys.encryption }, scope);
          const broken = findings.filter((finding) => finding.outcome !== "holds");
          if (broken.some(({ code }) => code === "object.not_found")) throw notYet();
          assert.deepEqual(broken, []);
          assert.ok(findings.length >= 4);
        });
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lender.party[Symbol.asyncDispose]();
    await this.#bank.party[Symbol.asyncDispose]();
  }

  async #put(bytes: Uint8Array, step: Steps): Promise<void> {
    step("put");
    const { keys, store } = this.#lender;
    // The client's patience can be shorter than a start on a busy machine.
    const receipt = await soon("put", () =>
      store.put(bytes, {
        owner: keys.encryption.publicKey,
        signer: keys.signing,
        audience: [this.#bank.affiliate.encryptionKey],
        onProgress: () => step("put: some bytes sent"),
      }),
    );
    this.#acknowledged.objects.set(receipt.hash, bytes);
    step("put: acknowledged");
  }

  /** A definite no of a server that just died is allowed; an answer that is not kept is not. */
  async #session(name: string, step: Steps): Promise<void> {
    const { sessions } = await this.#lender.party.client();
    const scope: SessionScope = { kind: "new", specification: this.#specification };
    try {
      step("session");
      const prepared = await sessions.prepare({
        ...{ contract: await sessions.find(greet, scope), scope },
        participants: new Map([["OWNER", this.#lender.affiliate]]),
        proposals: { person: create(PersonSchema, { name }) },
        dataAccess: [this.#bank.affiliate],
      });
      const executed = await sessions.execute(prepared);
      step("session: executed");
      const priced = await sessions.price(executed);
      step("session: priced");
      const done = await sessions.memorialize(priced, {
        onShared: () => step("session: object shared"),
        onCost: () => step("session: about to be signed"),
      });
      this.#acknowledged.scopes.add(done.scope);
      step("session: acknowledged");
    } catch (error) {
      if (!isP8eError(error) || !error.status.retry) throw error;
      step("session: interrupted");
    }
  }
}

function notYet(): P8eError {
  return new P8eError("object.not_found", "it has not arrived yet");
}

/** Tries again while the answer is "not there just now"; anything else is the answer. */
function soon<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const isLater = (error: unknown) => isP8eError(error) && (error.status.retry || error.code === "object.not_found");
  return eventually(what, attempt, undefined, { limitMs: EVENTUALLY_MS, isLater });
}
