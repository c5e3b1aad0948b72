import type { AccountView } from "@p8e/party/views";
import type { Screen } from "../terminal/screen.ts";

/** `p8e account show`. */
export function showAccount(screen: Screen, account: AccountView, title: string, balance: string): void {
  screen.facts([
    ["account", `${account.address} (${title})`],
    ["network", `${account.network}, chain ${account.chainId}`],
    ["balance", balance],
    ["state", states[account.state]],
  ]);
}

const states = {
  absent: "does not exist: nobody sent it anything yet (p8e account fund, on a ledger with a faucet)",
  silent:
    "never signed, so that the chain takes it for a smart contract (p8e account introduce sends its first transaction)",
  ready: "can take part",
} as const;
