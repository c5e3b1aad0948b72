// A real node, whose gRPC is Go's, bare and behind Debian's HAProxy and nginx with TLS: what our client does when
// connections are told to go away, are reset, or stand still in the middle of calls.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { isP8eError, networks } from "@p8e/core";
import { localKey } from "@p8e/crypto";
import { optionalProvenanced, type ProvenancedNode, startProvenanced } from "@p8e/testkit";
import { type ChainClient, connectChain, ledgerSigner, NHASH, sendCoins } from "../src/index.ts";
import { type ForeignProxy, pem, proxiesInstalled, proxyNames, startProxy } from "./foreign-proxy.ts";

const CALL_MS = 3000;
const certificateAuthority = pem("authority");

function connectTo(url: string): Promise<ChainClient> {
  return connectChain({ ...networks.local, url, certificateAuthority, timeoutMs: CALL_MS });
}

/** Eight callers that never rest. What ends a call is counted by its code; anything but an error of ours ends the test. */
class Callers implements AsyncDisposable {
  readonly failures = new Map<string, number>();
  #answers = 0;
  #stopped = false;
  #onAnswer: (() => void) | undefined;
  readonly #loops: readonly Promise<void>[];

  constructor(chain: ChainClient) {
    this.#loops = Array.from({ length: 8 }, () => this.#loop(chain));
  }

  async #loop(chain: ChainClient): Promise<void> {
    while (!this.#stopped) {
      try {
        await chain.height();
        this.#answers += 1;
        this.#onAnswer?.();
      } catch (error) {
        if (!isP8eError(error)) throw error;
        this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1);
        // A port that nobody listens on refuses at once.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** So many more answers from now on. */
  async answers(count: number): Promise<void> {
    const wanted = this.#answers + count;
    await new Promise<void>((resolve) => {
      this.#onAnswer = () => {
        if (this.#answers >= wanted) resolve();
      };
    });
  }

  /** Until a call has ended with one of these codes. */
  async failure(...codes: readonly string[]): Promise<void> {
    while (!codes.some((code) => this.failures.has(code))) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }
}

/** Everything that may become of a call when the other side is not well. */
function onlyAway(callers: Callers): void {
  const codes = [...callers.failures.keys()];
  assert.deepEqual(
    codes.filter((code) => code !== "ledger.unavailable" && code !== "rpc.deadline"),
    [],
  );
}

const what = "our client on a real node";
await optionalProvenanced(what, async (found) => {
  const node = await startProvenanced(found);

  describe(what, () => {
    after(() => node[Symbol.asyncDispose]());
    bare(node);
    if (proxiesInstalled(`${what} behind HAProxy and nginx`)) for (const name of proxyNames) behind(name, node);
  });
});

function bare(node: ProvenancedNode): void {
  it("reads, and writes a transaction", async () => {
    await using chain = await connectTo(node.url);
    await transfer(chain, node);
  });

  it("lives through a node that stops tidily, is killed, and comes back, in the middle of calls", async () => {
    await using chain = await connectTo(node.url);
    await using callers = new Callers(chain);
    for (const how of ["tidily", "kill"] as const) {
      await callers.answers(50);
      await node.stop(how);
      await callers.failure("ledger.unavailable");
      callers.failures.clear();
      await node.start();
      await callers.answers(50);
      onlyAway(callers);
    }
  });

  it("gives up calls to a node that stands still, each within its time, and goes on when the node does", async () => {
    await using chain = await connectTo(node.url);
    await using callers = new Callers(chain);
    await callers.answers(50);
    node.pause();
    await callers.failure("rpc.deadline");
    node.resume();
    await callers.answers(50);
    onlyAway(callers);
  });
}

function behind(name: (typeof proxyNames)[number], node: ProvenancedNode): void {
  describe(`behind ${name}`, () => {
    let proxy: ForeignProxy;
    after(() => proxy?.[Symbol.asyncDispose]());

    it("reads, and writes a transaction", async () => {
      proxy = await startProxy(name, node.url);
      await using chain = await connectTo(proxy.url);
      await transfer(chain, node);
    });

    it("loses no read when the proxy reloads", async () => {
      await using chain = await connectTo(proxy.url);
      await using callers = new Callers(chain);
      for (let round = 0; round < 10; round += 1) {
        await callers.answers(20);
        proxy.reload();
      }
      await callers.answers(200);
      assert.deepEqual([...callers.failures], []);
    });

    it("connects again when the proxy was killed, and when the node behind it was", async () => {
      await using chain = await connectTo(proxy.url);
      await using callers = new Callers(chain);
      await callers.answers(20);
      await proxy.kill();
      await callers.failure("ledger.unavailable");
      await proxy.start();
      await callers.answers(20);
      await node.stop("kill");
      callers.failures.clear();
      await callers.failure("ledger.unavailable", "rpc.deadline");
      await node.start();
      await callers.answers(50);
      onlyAway(callers);
    });

    it("gives up calls through a proxy or to a node that stands still, and goes on when they do", async () => {
      await using chain = await connectTo(proxy.url);
      await using callers = new Callers(chain);
      for (const still of [proxy, node]) {
        await callers.answers(20);
        callers.failures.clear();
        still.pause();
        await callers.failure("rpc.deadline");
        still.resume();
        await callers.answers(50);
        onlyAway(callers);
      }
    });

    it("is told what is wrong with certificates, and let in with the right one", async () => {
      const untrusting = connectChain({ ...networks.local, url: proxy.url });
      await assert.rejects(untrusting, (error) => isP8eError(error) && error.facts["reason"] === "unknown_authority");
      await using strict = await startProxy(name, node.url, { clientAuthorities: true });
      const tls = { ca: certificateAuthority, cert: pem("client-cert"), key: pem("client-key") };
      await using admitted = await connectChain({ ...networks.local, url: strict.url, tls });
      assert.ok((await admitted.height()) > 0n);
      // HAProxy refuses in the handshake, nginx with a page.
      const expected = name === "haproxy" ? "rpc.tls" : "ledger.unavailable";
      await assert.rejects(connectTo(strict.url), { code: expected });
    });
  });
}

async function transfer(chain: ChainClient, node: ProvenancedNode): Promise<void> {
  const signer = ledgerSigner(localKey(node.faucet), node.accountPrefix);
  const { address } = signer;
  const message = sendCoins({ from: address, to: address, amounts: [{ denomination: NHASH, amount: 1n }] });
  const receipt = await chain.submit([message], { signer });
  assert.ok(receipt.height > 0n);
}
