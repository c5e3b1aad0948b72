// A peer in maintenance with a backlog of large objects: what replication makes of it, however long it takes.
import assert from "node:assert/strict";
import { base64Encode, type ContentHash } from "@p8e/core";
import { openStoreReader, type ReplicationState, whyNotReplicated } from "@p8e/object-store";
import { eventually, newHash, newParties, patternBytes, TestStore } from "@p8e/testkit";
import { LocalHarness } from "./harness.ts";
import { ProcessHarness, type StoreProcess } from "./process-harness.ts";
import { serverDatabase } from "./server-database.ts";

const OBJECTS = 40;
const OBJECT_BYTES = 5_000_000;

export interface LongMaintenance {
  /** Of the sending store, besides the usual. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called now and then with the attempts that were refused so far and how long it has lasted. */
  readonly isOver: (refusals: number, lastedMs: number) => boolean;
  readonly limitMs: number;
}

/** What calls were answered UNAVAILABLE, counted by the store that answers. */
class CountingHarness extends LocalHarness {
  refusals = 0;

  constructor() {
    super({
      log: (_level, event, facts) => {
        if (event === "call" && facts?.status === "UNAVAILABLE") this.refusals++;
      },
    });
  }
}

export class MaintenanceGround {
  readonly #peers = new CountingHarness();
  readonly #senders = new ProcessHarness();

  /**
   * Puts 40 objects of 5 MB at a store whose peer is in maintenance, waits until `isOver`, ends the maintenance, and
   * holds that all of them arrive whole and that none was blamed. Returns how many attempts had been refused.
   */
  async run({ environment = {}, isOver, limitMs }: LongMaintenance): Promise<number> {
    await using target = await TestStore.open(this.#peers, { MAINTENANCE_STATE: "true", RUST_LOG: "trace" });
    await using source = await TestStore.open(this.#senders, environment);
    const [owner, reader] = newParties(2);
    assert.ok(owner !== undefined && reader !== undefined);
    const before = this.#peers.refusals;
    const began = performance.now();
    const refusals = () => this.#peers.refusals - before;
    await source.client.addKey(reader, { url: target.url });
    const hashes = Array.from({ length: OBJECTS }, newHash);
    const payload = patternBytes(OBJECT_BYTES);
    for (const hash of hashes) {
      await source.client.put({ audience: [owner, reader], payload }, { hash, chunkBytes: 2_000_000 });
    }
    const over = async () => isOver(refusals(), performance.now() - began);
    await eventually("the end of the maintenance", over, Boolean, { limitMs });
    for (const state of await this.#why(source, hashes)) {
      assert.deepEqual([state.status, state.attempts], ["peer_unreachable", 0], state.reason);
    }
    const refused = refusals();
    await target.client.setMaintenance(false);
    const open = () => source.database.openReplications(reader);
    await eventually("objects that have not arrived", open, (count) => count === 0, { limitMs });
    for (const state of await this.#why(source, hashes)) {
      assert.deepEqual([state.status, state.attempts], ["replicated", 0], state.reason);
    }
    for (const hash of hashes) {
      const arrived = await target.client.get(hash, reader);
      assert.equal(Buffer.compare(arrived.data, (await source.client.get(hash, reader)).data), 0);
    }
    return refused;
  }

  /** What the store knows of every object's way to its one reader elsewhere. */
  async #why(store: TestStore<StoreProcess>, hashes: readonly Uint8Array[]): Promise<readonly ReplicationState[]> {
    await using reader = await openStoreReader(serverDatabase(store.databaseSettings));
    const states: ReplicationState[] = [];
    for (const hash of hashes) {
      const all = await whyNotReplicated(reader, base64Encode(hash) as ContentHash);
      states.push(...all.filter(({ url }) => url !== undefined));
    }
    assert.equal(states.length, hashes.length);
    return states;
  }
}
