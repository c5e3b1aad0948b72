import type { TransactionReceipt } from "@p8e/chain";
import { DEVELOPMENT_SIGNING_PATH, developmentParties } from "./development-parties.ts";
import type { OpenParty } from "./open-party.ts";
import type { PartyDescription } from "./profile/profile.ts";

/** In the smallest unit of the fee coin; the giver has more than a thousand times as much. */
const GIFT = 10_000_000_000_000_000n;

/**
 * Parties of a local network for whom its genesis has no account get test money from the first development party, which
 * has some; those that have an account are left alone. Undefined when nobody got any.
 * @param party by whose profile the ledger is reached
 * @throws as `OpenParty.chain` and `ChainClient.submit`
 */
export async function giveTestMoney(
  party: OpenParty,
  parties: readonly PartyDescription[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<{ readonly to: readonly PartyDescription[]; readonly receipt: TransactionReceipt } | undefined> {
  const chain = await party.chain();
  const { accountPrefix, fees } = party.profile.network;
  const accounts = await Promise.all(parties.map(({ address }) => chain.accounts.account(address, options)));
  const to = parties.filter((_, index) => accounts[index] === undefined);
  if (to.length === 0) return undefined;
  const [{ localKey, privateKeyFromMnemonic }, { ledgerSigner, sendCoins }] = await Promise.all([
    import("@p8e/crypto"),
    import("@p8e/chain"),
  ]);
  using key = privateKeyFromMnemonic(developmentParties[0]!.mnemonic, DEVELOPMENT_SIGNING_PATH);
  const signer = ledgerSigner(localKey(key), accountPrefix);
  const amounts = [{ denomination: fees.denomination, amount: GIFT }];
  const gifts = to.map(({ address }) => sendCoins({ from: signer.address, to: address, amounts }));
  return { to, receipt: await chain.submit(gifts, { signer, ...options }) };
}
