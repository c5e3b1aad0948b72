import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ChainClient, connectChain } from "@p8e/chain";
import { networks, parseUuid, scopeAddress } from "@p8e/core";
import { accountAddress, generatePrivateKey, localKey, systemRandom } from "@p8e/crypto";
import { openSandbox } from "@p8e/engine";
import { openLedger, serveLedger } from "@p8e/ledger";
import { freePort } from "@p8e/machine";
import { ObjectClient } from "@p8e/object-client";
import { type IndexNews, indexRecords, plainIndex, RecordIndex } from "../src/index.ts";

describe("an index, and the ledger that it is of,", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-index-records-"));
  const stack = new AsyncDisposableStack();
  const newKey = () => localKey(generatePrivateKey(systemRandom));
  const party = { signing: newKey(), encryption: newKey() };
  const address = accountAddress(party.signing.publicKey, networks.local.accountPrefix);
  let port: number;
  let chain: ChainClient;
  let ledger: AsyncDisposable;
  let places = 0;

  /** Of so many blocks, which no other ledger shares. */
  async function begin(blocks: number): Promise<AsyncDisposable> {
    await using opening = new AsyncDisposableStack();
    const dataDir = join(folder, `ledger-${++places}`);
    const clock = { now: Date.now };
    const opened = opening.use(await openLedger({ dataDir, ...networks.local, clock, blockIntervalMs: 0 }));
    for (let height = 1; height < blocks; height++) await opened.advance();
    opening.use(await serveLedger(opened, { host: "127.0.0.1", port }));
    return opening.move();
  }

  before(async () => {
    port = await freePort();
    ledger = await begin(5);
    stack.defer(() => ledger[Symbol.asyncDispose]());
    chain = stack.use(await connectChain({ url: `grpc://127.0.0.1:${port}`, ...networks.local }));
  });
  after(async () => {
    await stack.disposeAsync();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (n: number) => scopeAddress(parseUuid(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`));
  /** As of a ledger that had so many blocks, with scopes that the one here does not have. */
  function indexOf(height: bigint, scopes: number, problem?: string): RecordIndex {
    const file = join(folder, `${++places}.sqlite`);
    const index = RecordIndex.open(file, { party: address, network: networks.local.chainId }, "one");
    const same = { name: "asset", type: "T", contract: "C", session: "S", hash: "H", fields: [] };
    for (let n = 0; n < scopes; n++) {
      index.replace(at(n), [{ ...same, scope: at(n), ...(problem === undefined ? {} : { problem }) }], []);
    }
    index.reach(height);
    return index;
  }

  /** Neither store nor sandbox is asked: no scope here has a record. */
  function reading(index: RecordIndex, follow: boolean): AsyncGenerator<IndexNews, void, undefined> {
    const store = stack.use(new ObjectClient({ url: `grpc://127.0.0.1:${port}` }));
    const sandbox = stack.use(openSandbox());
    const parts = { chain, store, sandbox, party, network: networks.local };
    return indexRecords(parts, index, plainIndex, { follow });
  }

  async function until(news: AsyncIterator<IndexNews>, kind: IndexNews["kind"]): Promise<void> {
    for (;;) {
      const { value, done } = await news.next();
      assert.ok(done !== true, `it ended before it was ${kind}`);
      if (value.kind === kind) return;
    }
  }

  it("that has fewer blocks began anew: what it does not have is taken out", async () => {
    using index = indexOf(1000n, 2);
    await until(reading(index, false), "reached");
    assert.deepEqual([index.height, index.count().records], [await chain.height(), 0]);
  });

  it("try again every scope with problems at the start, however many there are", async () => {
    using index = indexOf(await chain.height(), 1001, "object.not_found");
    await until(reading(index, false), "reached");
    assert.equal(index.count().problems, 0);
  });

  it("that goes away is waited for while following, and may come back as another one", async () => {
    using index = indexOf(await chain.height(), 1);
    const news = reading(index, true);
    try {
      await until(news, "reached");
      assert.equal(index.count().records, 1);
      await ledger[Symbol.asyncDispose]();
      await until(news, "waiting");
      ledger = await begin(2);
      await until(news, "reached");
      assert.deepEqual([index.height, index.count().records], [2n, 0]);
    } finally {
      await news.return();
    }
  });

  it("that goes away ends what does not follow", async () => {
    using index = indexOf(await chain.height(), 0);
    await ledger[Symbol.asyncDispose]();
    await assert.rejects(until(reading(index, false), "reached"), { code: "ledger.unavailable" });
    ledger = await begin(1);
  });
});
