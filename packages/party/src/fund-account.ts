import { hasCode, P8eError } from "@p8e/core";
import { introduceAccount } from "./introduce-account.ts";
import { nodeTarget } from "./node-target.ts";
import type { OpenParty } from "./open-party.ts";

/** What funding an account came to. */
export interface FundedAccount {
  readonly address: string;
  /** What was sent to it just now, in the smallest unit of the fee coin; 0 when it had enough. */
  readonly amount: bigint;
  readonly denomination: string;
  /** The transfer to itself after which it can take part: before its first, the chain takes it for a smart contract. Undefined when it had signed before. */
  readonly introduction: { readonly transaction: string; readonly height: bigint } | undefined;
}

/**
 * Asks the local ledger for test money, and sends the first transaction of the account.
 * @throws `rpc.unimplemented` when the node is no local ledger with a faucet; as `OpenParty.chain`
 */
export async function fundAccount(
  party: OpenParty,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FundedAccount> {
  const { address } = party.self;
  // The node is what the profile says, or nothing is asked of it.
  await party.chain();
  const [{ connectRpc, serviceClient }, development] = await Promise.all([
    import("@p8e/rpc"),
    import("@p8e/proto/development"),
  ]);
  const { url, certificateAuthority: ca, tls = ca === undefined ? {} : { ca } } = await nodeTarget(party.located);
  await using connection = connectRpc({ url, tls });
  const faucet = serviceClient(development.Development, connection);
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const funded = await faucet.fund({ address }, call).catch((error: unknown) => {
    if (!hasCode(error, "rpc.unimplemented")) throw error;
    throw new P8eError(
      "rpc.unimplemented",
      `the node at ${party.profile.node.url} is not a local ledger with a faucet`,
      {
        hint: "p8e ledger serve --faucet gives test money. On other networks somebody who has money sends some; p8e account introduce then sends the account's first transaction.",
        cause: error,
      },
    );
  });
  const receipt = await introduceAccount(party, options);
  return {
    address,
    amount: BigInt(funded.amount),
    denomination: funded.denom,
    introduction: receipt && { transaction: receipt.hash, height: receipt.height },
  };
}
