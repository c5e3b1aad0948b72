import type { Amount, LedgerMessage, SignedTransaction, TransactionCost, TransactionReceipt } from "@p8e/chain";
import { type AccountAddress, P8eError } from "@p8e/core";
import type { OpenParty } from "../open-party.ts";
import { rememberSent } from "./sent-transactions.ts";

/** What the messages of one transaction cost, as a party was shown it. */
export type ShownCost = Pick<TransactionCost, "amounts">;

/** How a party's own messages are sent. */
export interface SendOptions {
  readonly memo?: string | undefined;
  /** Who pays, unless it is the party itself. */
  readonly feeGranter?: AccountAddress | undefined;
  /** What was agreed to: nothing is signed for more. */
  readonly agreed: ShownCost;
  /** Told of the hash when it is durable, before the bytes are sent; again when the same messages are signed anew. */
  readonly onSigned?: ((signed: SignedTransaction) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What any messages of the party would cost. Fails as the transaction would, and above the party's ceiling.
 * @throws `input.invalid` when others must sign; `ledger.fee_ceiling`; as `ChainClient.estimate`
 */
export async function priceMessages(
  party: OpenParty,
  messages: readonly LedgerMessage[],
  options: { readonly memo?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<TransactionCost> {
  const [{ requiredSigners, requireWithinCeiling }, { publicKeyFromBase64 }, chain, feeMax] = await Promise.all([
    import("@p8e/chain"),
    import("@p8e/crypto"),
    party.chain(),
    party.feeMax(),
  ]);
  const { address, signingKey } = party.self;
  const others = requiredSigners(messages).filter((each) => each !== address);
  if (others.length > 0) {
    throw new P8eError("input.invalid", `the messages must be signed by others than ${party.self.name}`, {
      facts: { address, missingAddresses: others },
      hint: "A transaction is signed by one party here: its messages must name that party's account.",
    });
  }
  const signer = { address, publicKey: publicKeyFromBase64(signingKey).compressed };
  const cost = await chain.estimate(messages, [signer], options);
  requireWithinCeiling(cost, feeMax);
  return cost;
}

/**
 * Signs and sends any messages of the party. The transaction's hash is remembered before its bytes are sent, so that what
 * became of it can be asked whatever happens in between; nothing is ever sent anew.
 * @throws `ledger.fee_ceiling` when the price has risen above what was agreed; as `ChainClient.submit`
 */
export async function sendMessages(
  party: OpenParty,
  messages: readonly LedgerMessage[],
  { memo, feeGranter, agreed, onSigned, signal }: SendOptions,
): Promise<TransactionReceipt> {
  const [{ ledgerSigner }, chain, feeMax, { signing }] = await Promise.all([
    import("@p8e/chain"),
    party.chain(),
    party.feeMax(),
    party.keys(),
  ]);
  const { accountPrefix, chainId } = party.profile.network;
  return await chain.submit(messages, {
    ...{ signer: ledgerSigner(signing, accountPrefix), feeGranter, feeMax, memo, signal },
    onCost: (cost) => requireAgreed(agreed.amounts, cost.amounts),
    onSigned: async (signed) => {
      const { hash, notBefore, timeoutHeight, cost } = signed;
      await rememberSent(party.located, {
        ...{ hash, chainId, notBefore, timeoutHeight, fee: cost.fee, signedAt: new Date() },
        messages: messages.map(({ typeUrl }) => typeUrl),
      });
      onSigned?.(signed);
    },
  });
}

function requireAgreed(agreed: readonly Amount[], wanted: readonly Amount[]): void {
  for (const { denomination, amount } of wanted) {
    const allowed = agreed.find((each) => each.denomination === denomination)?.amount ?? 0n;
    if (amount <= allowed) continue;
    throw new P8eError("ledger.fee_ceiling", "the ledger wants more for the transaction than was shown", {
      facts: { fee: amount, feeMax: allowed, denomination },
      hint: "Nothing was signed: look at the new price, and send it if that is right.",
    });
  }
}
