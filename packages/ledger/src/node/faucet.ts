import { create, toBinary } from "@bufbuild/protobuf";
import { P8eError, parseAccountAddress, pause, Turns } from "@p8e/core";
import { accountAddress, type KeyReference, signTransaction } from "@p8e/crypto";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { keyOfAccount } from "../domain/addresses.ts";
import { FEE_DENOMINATION } from "../domain/coins.ts";
import { pairKey } from "../domain/ledger-state.ts";
import { costOf } from "../domain/prices.ts";
import { pricedTypes } from "../domain/transaction.ts";
import type { Ledger } from "./ledger.ts";

/** What a funding came to. Nothing was sent when the account had enough. */
export interface Funding {
  /** nhash. */
  readonly amount: bigint;
  readonly transaction?: { readonly hash: string; readonly height: bigint };
}

/** 100,000 hash: some thousand recorded loans. */
const BALANCE = 100_000_000_000_000n;
const GAS_LIMIT = 400_000n;
const LOOK_MS = 20;
const PATIENCE_MS = 30_000;

/**
 * Gives accounts of an embedded ledger test money out of one account of its genesis, by ordinary transactions. Nothing of
 * it is part of the ledger's rules.
 */
export class Faucet {
  readonly #ledger: Ledger;
  readonly #key: KeyReference;
  /** One at a time: all come from one account, and its sequence is read before each. */
  readonly #turns = new Turns(1);

  constructor(ledger: Ledger, key: KeyReference) {
    this.#ledger = ledger;
    this.#key = key;
  }

  /**
   * Fills an account's balance up, and returns when that is in a block.
   * @throws `address.invalid`, `ledger.insufficient_funds` when the faucet's own account is empty, `ledger.unavailable`
   */
  async fund(address: string, signal?: AbortSignal): Promise<Funding> {
    const to = parseAccountAddress(address, this.#ledger.accountPrefix);
    using _turn = await this.#turns.take(signal);
    return await this.#fund(to, signal);
  }

  async #fund(to: string, signal: AbortSignal | undefined): Promise<Funding> {
    const { state } = this.#ledger.read();
    const held = state.balances.get(pairKey(keyOfAccount(to), FEE_DENOMINATION)) ?? 0n;
    if (held >= BALANCE) return { amount: 0n };
    const amount = BALANCE - held;
    const { hash, result } = this.#ledger.broadcast(await this.#transfer(to, amount));
    if (result.code !== 0) {
      throw new P8eError("ledger.insufficient_funds", `the faucet cannot send: ${result.log.slice(0, 200)}`, {
        facts: { code: `${result.codespace}/${result.code}` },
      });
    }
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = await this.#ledger.findTransaction(hash);
      if (found !== undefined) return { amount, transaction: { hash, height: found.response.height } };
      if (performance.now() > deadline) throw new P8eError("ledger.unavailable", "the ledger makes no blocks");
      await pause(LOOK_MS, signal);
    }
  }

  async #transfer(to: string, amount: bigint): Promise<Uint8Array> {
    const { chainId, accountPrefix } = this.#ledger;
    const from = accountAddress(this.#key.publicKey, accountPrefix);
    const account = this.#ledger.read().state.accounts.get(keyOfAccount(from));
    const message = packAny(
      cosmos.bank.MsgSendSchema,
      create(cosmos.bank.MsgSendSchema, {
        fromAddress: from,
        toAddress: to,
        amount: [{ denom: FEE_DENOMINATION, amount: amount.toString() }],
      }),
    );
    const bodyBytes = toBinary(cosmos.tx.TxBodySchema, create(cosmos.tx.TxBodySchema, { messages: [message] }));
    const authInfoBytes = toBinary(
      cosmos.tx.AuthInfoSchema,
      create(cosmos.tx.AuthInfoSchema, {
        signerInfos: [
          {
            publicKey: packAny(
              cosmos.secp256k1.PubKeySchema,
              create(cosmos.secp256k1.PubKeySchema, { key: this.#key.publicKey.compressed }),
            ),
            modeInfo: { sum: { case: "single", value: { mode: cosmos.tx.SignMode.DIRECT } } },
            sequence: account?.sequence ?? 0n,
          },
        ],
        fee: {
          amount: costOf(pricedTypes([message])).total.map(({ denom, amount: fee }) => ({
            denom,
            amount: fee.toString(),
          })),
          gasLimit: GAS_LIMIT,
        },
      }),
    );
    const document = create(cosmos.tx.SignDocSchema, {
      bodyBytes,
      authInfoBytes,
      chainId,
      accountNumber: account?.number ?? 0n,
    });
    const signature = await signTransaction(this.#key, toBinary(cosmos.tx.SignDocSchema, document));
    const raw = create(cosmos.tx.TxRawSchema, { bodyBytes, authInfoBytes, signatures: [signature] });
    return toBinary(cosmos.tx.TxRawSchema, raw);
  }
}
