import type { ChainClient } from "@p8e/chain";
import { type Network, networks } from "@p8e/core";
import type { Profile } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import { formatDuration } from "../terminal/format.ts";
import type { NodeToAsk } from "./node-to-ask.ts";
import { conversionWords, priceDrift } from "./price-drift.ts";
import { balanceWords } from "./price-words.ts";

/** Says in words what one look found, or why it found something wrong. */
type CheckOne = (what: string, work: () => Promise<string> | string) => Promise<unknown>;

const PATIENCE_MS = 15_000;
const CALL_MS = 5_000;
/** A validator's clock may be so far ahead of ours without harm. */
const AHEAD_MAX_MS = 10_000;
/** Public networks make a block every few seconds; a local chain may idle. */
const OLD_MS = 60_000;

/** Looks at a node: chain, version and fee model, whether it keeps results, its clock, and an account's fees. */
export async function checkNode(context: CommandContext, place: NodeToAsk, check: CheckOne): Promise<void> {
  const { network, node } = place.profile;
  const { signal } = context;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  await using stack = new AsyncDisposableStack();
  let chain: ChainClient | undefined;
  await check("node", async () => {
    const { connectNode } = await import("@p8e/party");
    chain = stack.use(await connectNode(place, { signal: limit, timeoutMs: CALL_MS }));
    const { version, network: chainId } = chain.node;
    return `${node.url} serves ${chainId}, version ${version || "unknown"}, with flat fees`;
  });
  if (chain === undefined) return;
  const connected = chain;
  await check("results", () => {
    if (connected.node.indexed) return "the node keeps an index of transactions";
    if (connected.keepsResults) return "the node keeps no index; results come from its RPC";
    return "the node keeps no index: success is read from the state; node.rpcUrl in the profile would bring results";
  });
  await check("clock", async () => {
    const { height, timeMs } = await connected.newestBlock({ signal: limit });
    const ageMs = Date.now() - timeMs;
    if (ageMs < -AHEAD_MAX_MS) throw new Error(`block ${height} is ${formatDuration(-ageMs)} ahead of this clock`);
    const says = `block ${height} is ${formatDuration(Math.max(0, ageMs))} old`;
    if (ageMs > OLD_MS && network.name !== networks.local.name) {
      throw new Error(`${says}: the node is behind, or this machine's clock is ahead`);
    }
    return says;
  });
  await check("prices", () => lookAtPrices(connected, limit));
  const party = place.own?.profile.party;
  if (party !== undefined)
    await check("account", () => lookAtAccount(connected, party, network, balanceWords(context, network), limit));
}

const DIFFERENCES_TOLD = 10;

/** Governance changes prices: what differs from the list that the embedded ledger follows is worth knowing, and no fault. */
async function lookAtPrices(chain: ChainClient, signal: AbortSignal): Promise<string> {
  const [{ conversionFactor, DEFAULT_PRICE, PRICE_DENOMINATION, prices }, { NHASH }, conversion, found, types] =
    await Promise.all([
      import("@p8e/ledger"),
      import("@p8e/chain"),
      chain.feeConversion({ signal }),
      chain.prices({ signal }),
      chain.messageTypes([], { signal }),
    ]);
  const price = (amount: bigint) => [{ denomination: PRICE_DENOMINATION, amount }];
  const expected = {
    perType: new Map([...prices].map(([type, amount]) => [type, price(amount)])),
    standard: price(DEFAULT_PRICE),
  };
  const usual = {
    defined: { denomination: PRICE_DENOMINATION, amount: conversionFactor.definition },
    charged: { denomination: NHASH, amount: conversionFactor.converted },
  };
  const drift = priceDrift(expected, found, (type) => types.has(type.slice(1)));
  const [ours, theirs] = [conversionWords(usual), conversionWords(conversion)];
  const rate = ours === theirs ? theirs : `${theirs}, in v1.26's list ${ours.replace("1 hash is ", "")}`;
  if (drift.length === 0) return `${rate}; messages cost what v1.26's list says`;
  const told = drift.slice(0, DIFFERENCES_TOLD).map(({ type, expected: wanted, found: has }) => {
    const what = type === undefined ? "what has no price of its own" : type.slice(type.lastIndexOf(".") + 1);
    return `${what} ${has} instead of ${wanted}`;
  });
  const more = drift.length > told.length ? `, and ${drift.length - told.length} more` : "";
  return `${rate}; other prices than in v1.26's list: ${told.join(", ")}${more}`;
}

async function lookAtAccount(
  chain: ChainClient,
  { address, signingKey }: Profile["party"],
  network: Network,
  inWords: (nhash: bigint) => string,
  signal: AbortSignal,
): Promise<string> {
  const { isSilentAccount, sendCoins } = await import("@p8e/chain");
  const { publicKeyFromBase64 } = await import("@p8e/crypto");
  const account = await chain.accounts.account(address, { signal });
  if (account === undefined) throw new Error(`${address} does not exist: nobody sent it anything yet`);
  if (isSilentAccount(account)) {
    throw new Error(
      `${address} never signed, so that the chain takes it for a smart contract until its first transaction (p8e account introduce)`,
    );
  }
  const balance = await chain.accounts.balance(address, { signal, denomination: network.fees.denomination });
  const amounts = [{ denomination: network.fees.denomination, amount: 1n }];
  const signer = { address, publicKey: publicKeyFromBase64(signingKey).compressed };
  const { fee } = await chain.estimate([sendCoins({ from: address, to: address, amounts })], [signer], { signal });
  const left = fee === 0n ? "any number" : (balance / fee).toLocaleString("en-US");
  return `${address} can sign, and has ${inWords(balance)}: enough for ${left} of the cheapest transactions`;
}
