import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Any } from "@bufbuild/protobuf/wkt";
import { concatBytes, networks, sha256, utf8Encode } from "@p8e/core";
import { parsePrivateKey } from "@p8e/crypto";
import { type Ledger, type LedgerOptions, openLedger } from "@p8e/ledger";
import * as cosmos from "@p8e/proto/cosmos";
import { type Actor, actor, packed, transactionBytes } from "@p8e/testkit";
import { keyOfAccount } from "../src/domain/addresses.ts";
import { costOf } from "../src/domain/prices.ts";
import { pricedTypes } from "../src/domain/transaction.ts";
import { faucetKey } from "./fixtures.ts";

/** A clock that a test moves. */
export class ManualClock {
  #nowMs = Date.UTC(2030, 0, 1);

  now(): number {
    return this.#nowMs;
  }

  wait(ms: number): void {
    this.#nowMs += ms;
  }
}

export type SendOptions = Partial<
  Omit<Parameters<typeof transactionBytes>[0], "messages" | "signers"> & { readonly sequence: bigint }
>;

/** A ledger in this process whose blocks and clock a test drives; no network, no timer. */
export class TestNetwork implements AsyncDisposable {
  readonly folder: string;
  readonly clock = new ManualClock();
  readonly faucet = actor(faucetKey(), networks.local.accountPrefix);
  readonly #options: Partial<LedgerOptions>;
  ledger: Ledger;

  private constructor(folder: string, ledger: Ledger, options: Partial<LedgerOptions>) {
    this.folder = folder;
    this.ledger = ledger;
    this.#options = options;
  }

  static async open(options: Partial<LedgerOptions> = {}): Promise<TestNetwork> {
    const folder = await mkdtemp(join(tmpdir(), "p8e-ledger-"));
    const network = new TestNetwork(folder, undefined as unknown as Ledger, options);
    network.ledger = await network.#open();
    return network;
  }

  #open(): Promise<Ledger> {
    return openLedger({
      dataDir: this.folder,
      ...networks.local,
      clock: this.clock,
      blockIntervalMs: 0,
      ...this.#options,
    });
  }

  async reopen(): Promise<void> {
    await this.ledger[Symbol.asyncDispose]();
    this.ledger = await this.#open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true });
  }

  /** Always the same for the same name. */
  actor(name: string): Actor {
    return actor(parsePrivateKey(sha256(concatBytes(utf8Encode(`actor ${name}`)))), networks.local.accountPrefix);
  }

  send(from: Actor, to: Pick<Actor, "address">, amount: bigint, denom = "nhash"): Any {
    return packed(cosmos.bank.MsgSendSchema, {
      fromAddress: from.address,
      toAddress: to.address,
      amount: [{ denom, amount: amount.toString() }],
    });
  }

  account(address: string) {
    return this.ledger.read().state.accounts.get(keyOfAccount(address));
  }

  balance(address: string, denom = "nhash"): bigint {
    return this.ledger.read().state.balances.get(`${keyOfAccount(address)}/${denom}`) ?? 0n;
  }

  build(signers: readonly Actor[], messages: readonly Any[], options: SendOptions = {}): Promise<Uint8Array> {
    const { sequence, ...rest } = options;
    return transactionBytes({
      messages,
      signers: signers.map((signer) => {
        const account = this.account(signer.address);
        const own = account?.sequence ?? 0n;
        return { actor: signer, accountNumber: account?.number ?? 0n, sequence: sequence ?? own };
      }),
      chainId: "chain-local",
      fee: costOf(pricedTypes(messages)).total[0]?.amount ?? 0n,
      gasLimit: 3_999_999n,
      ...rest,
    });
  }

  /** Sends, makes a block, and says what became of it: `ok` or `CODESPACE/CODE`, with the text. */
  async run(signers: readonly Actor[], messages: readonly Any[], options: SendOptions = {}) {
    const { hash, result } = this.ledger.broadcast(await this.build(signers, messages, options));
    if (result.code !== 0)
      return { code: `${result.codespace}/${result.code}`, log: result.log, hash, response: undefined };
    await this.ledger.advance();
    const response = (await this.ledger.findTransaction(hash))?.response;
    const code = response?.code === 0 ? "ok" : `${response?.codespace}/${response?.code}`;
    return { code, log: response?.rawLog ?? "", hash, response };
  }

  /** An account that has funds and has signed. */
  async warm(name: string): Promise<Actor> {
    const created = this.actor(name);
    await this.run([this.faucet], [this.send(this.faucet, created, 1_000_000_000_000_000n)]);
    await this.run([created], [this.send(created, created, 1n)]);
    return created;
  }
}
