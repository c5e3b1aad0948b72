import { type ChainClient, NHASH, type TransactionCost } from "@p8e/chain";
import {
  type MessageTypes,
  messageTypesOfSet,
  parseTransactionJson,
  type TransactionJson,
} from "@p8e/chain/message-types";
import { P8eError, utf8Decode } from "@p8e/core";
import { priceMessages, sendMessages } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import { confirm } from "./confirm.ts";
import { priceWords } from "./price-words.ts";
import { readFile } from "./read-file.ts";

/** What `p8e tx send` can be told. */
export interface SendOptions extends NodeOptions {
  readonly as?: string;
  readonly types?: string;
  readonly memo?: string;
  readonly feeMax?: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** A transaction of a Provenance chain has at most 1 MB; JSON takes more room than bytes. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;
const TYPES_BYTES_MAX = 8 * 1024 * 1024;

/** Shows what would be signed and its price, asks, and sends it; the hash is told before the bytes leave. */
export async function sendTransaction(context: CommandContext, file: string, options: SendOptions): Promise<void> {
  const { screen, signal } = context;
  await using party = await context.openParty(options.as, "--as", options);
  const json = parseTransactionJson(await readText(file, signal));
  const types = await typesOf(await party.chain(), json, options, signal);
  const read = types.read(json, file);
  const { messages } = read;
  const memo = options.memo ?? read.memo;
  const cost = await priceMessages(party, messages, { memo, signal });
  const inWords = await priceWords(context, party);
  const shown = messages.map(({ json }) => json);
  screen.heading(`${party.self.title} signs ${messages.length === 1 ? "one message" : `${messages.length} messages`}`);
  for (const json of shown) screen.say(JSON.stringify(json, undefined, 2));
  screen.facts([
    ["account", party.self.address],
    ["network", `${party.profile.network.name}, chain ${party.profile.network.chainId}`],
    ["memo", memo],
    ["costs", [inWords(cost.fee), ...otherCoins(cost.amounts)].join(" and ")],
    ["gas limit", cost.gasLimit.toLocaleString("en-US")],
  ]);
  if (options.dryRun) {
    screen.result({ dryRun: true, messages: shown, memo, ...pick(cost) });
    return;
  }
  if (!options.yes) {
    const hint = "--yes sends without asking, --dry-run only shows.";
    await confirm(context, { question: "Sign and send it?", what: "send it", hint, inputTaken: file === "-" });
  }
  const receipt = await screen.step(
    "sending",
    () =>
      sendMessages(party, messages, {
        ...{ memo, agreed: cost, signal },
        onSigned: ({ hash, timeoutHeight }) =>
          screen.tell(`  transaction ${hash}, which no block after ${timeoutHeight} can have`, {
            transaction: hash,
            timeoutHeight,
          }),
      }),
    ({ height, fee }) => `in block ${height} for ${inWords(fee)}`,
  );
  if (receipt.confirmation !== "result") {
    screen.warn("This node keeps no results: that it is in a block is certain, that it succeeded is not.");
  }
  const { hash: transaction, height, confirmation, outOfGas } = receipt;
  screen.result({
    ...{ transaction, height, confirmation, messages: shown, memo, ...pick(receipt) },
    ...(outOfGas === undefined ? {} : { outOfGas: { transaction: outOfGas.hash, fee: outOfGas.fee } }),
  });
}

async function readText(file: string, signal: AbortSignal): Promise<string> {
  const bytes = await readFile(file, { bytesMax: FILE_BYTES_MAX, signal });
  try {
    return utf8Decode(bytes);
  } catch (cause) {
    throw new P8eError("input.invalid", "the file does not hold JSON", { facts: { file }, cause });
  }
}

async function typesOf(
  chain: ChainClient,
  { typeNames }: TransactionJson,
  { types }: SendOptions,
  signal: AbortSignal,
): Promise<MessageTypes> {
  if (types === undefined) return await chain.messageTypes(typeNames, { signal });
  const described = messageTypesOfSet(await readFile(types, { bytesMax: TYPES_BYTES_MAX, signal }), types);
  const absent = typeNames.find((name) => !described.has(name));
  if (absent === undefined) return described;
  throw new P8eError("input.invalid", `${types} does not describe ${absent}`, { facts: { file: types, type: absent } });
}

/** Fees in coins beside the usual one. */
function otherCoins(amounts: TransactionCost["amounts"]): readonly string[] {
  return amounts.filter((each) => each.denomination !== NHASH).map((each) => `${each.amount} ${each.denomination}`);
}

function pick({ fee, amounts, gasLimit }: Pick<TransactionCost, "fee" | "amounts" | "gasLimit">) {
  return { fee, amounts: amounts.map(({ denomination, amount }) => ({ denomination, amount })), gasLimit };
}
