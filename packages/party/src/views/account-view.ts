import type { Account } from "@p8e/chain";
import type { Profile } from "../profile/profile.ts";

/** An account on the ledger. */
export interface AccountView {
  readonly address: string;
  readonly network: string;
  readonly chainId: string;
  /** Of the fee coin, in its smallest unit. */
  readonly balance: bigint;
  readonly denomination: string;
  /** `silent`: it never signed, and counts as a smart contract where it is named as a party. */
  readonly state: "absent" | "silent" | "ready";
  readonly sequence: bigint | undefined;
}

/** What the ledger says of a party's account. */
export function accountView({ party, network }: Profile, account: Account | undefined, balance: bigint): AccountView {
  return {
    address: party.address,
    network: network.name,
    chainId: network.chainId,
    balance,
    denomination: network.fees.denomination,
    state: account === undefined ? "absent" : account.sequence === 0n ? "silent" : "ready",
    sequence: account?.sequence,
  };
}
