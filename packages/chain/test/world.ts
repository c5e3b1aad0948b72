import { type AccountPrefix, networks, randomUuid, type Uuid } from "@p8e/core";
import { generatePrivateKey, localKey, type PrivateKey, privateKeyFromMnemonic, systemRandom } from "@p8e/crypto";
import { type Provenanced, startProvenanced } from "@p8e/testkit";
import { type ChainClient, connectChain, type LedgerSigner, ledgerSigner, NHASH, sendCoins } from "../src/index.ts";
import { mnemonics, startNode } from "./embedded-node.ts";

/** A ledger with accounts to act on it: the embedded one, or a real node. The same tests run on both. */
export interface World extends AsyncDisposable {
  readonly chain: ChainClient;
  /** New accounts, funded, which have signed before: one that never did counts as a smart contract. */
  actors(count: number): Promise<readonly LedgerSigner[]>;
}

export async function embeddedWorld(): Promise<World> {
  const node = await startNode();
  const faucet = privateKeyFromMnemonic(mnemonics[0] as string, networks.local.derivationPath);
  return openWorld({ ...networks.local, url: node.url, faucet }, node);
}

export async function provenancedWorld(found: Provenanced): Promise<World> {
  const node = await startProvenanced(found);
  return openWorld(node, node);
}

interface Place {
  readonly url: string;
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  readonly faucet: PrivateKey;
}

async function openWorld({ url, chainId, accountPrefix, faucet }: Place, node: AsyncDisposable): Promise<World> {
  const chain = await connectChain({ url, chainId, accountPrefix });
  const rich = ledgerSigner(localKey(faucet), accountPrefix);
  return {
    chain,
    actors: async (count) => {
      const signers = Array.from({ length: count }, () =>
        ledgerSigner(localKey(generatePrivateKey(systemRandom)), accountPrefix),
      );
      const send = (from: LedgerSigner, to: LedgerSigner, amount: bigint) =>
        sendCoins({ from: from.address, to: to.address, amounts: [{ denomination: NHASH, amount }] });
      await chain.submit(
        signers.map((signer) => send(rich, signer, 10n ** 14n)),
        { signer: rich },
      );
      await Promise.all(signers.map((signer) => chain.submit([send(signer, signer, 1n)], { signer })));
      return signers;
    },
    [Symbol.asyncDispose]: async () => {
      await chain[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
    },
  };
}

export function uuid(): Uuid {
  return randomUuid(systemRandom);
}
