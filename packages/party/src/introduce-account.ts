import type { TransactionCost, TransactionReceipt } from "@p8e/chain";
import type { OpenParty } from "./open-party.ts";

/**
 * An account that holds money and never signed counts as a smart contract when it is named as a party; one transfer to
 * itself makes it an ordinary one. Undefined when it has signed before, or does not exist: it must be given money first.
 * @throws as `ChainClient.submit`
 */
export async function introduceAccount(
  party: OpenParty,
  options: {
    readonly signal?: AbortSignal | undefined;
    /** Told before it is signed. */
    readonly onCost?: ((cost: TransactionCost) => void) | undefined;
  } = {},
): Promise<TransactionReceipt | undefined> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const [{ isSilentAccount, ledgerSigner, sendCoins }, chain] = await Promise.all([
    import("@p8e/chain"),
    party.chain(),
  ]);
  const account = await chain.accounts.account(party.self.address, call);
  if (account === undefined || !isSilentAccount(account)) return undefined;
  const { signing } = await party.keys();
  const { accountPrefix, fees } = party.profile.network;
  const signer = ledgerSigner(signing, accountPrefix);
  const feeMax = await party.feeMax();
  const { address } = signer;
  const amounts = [{ denomination: fees.denomination, amount: 1n }];
  return await chain.submit([sendCoins({ from: address, to: address, amounts })], {
    signer,
    feeMax,
    onCost: options.onCost,
    ...call,
  });
}
