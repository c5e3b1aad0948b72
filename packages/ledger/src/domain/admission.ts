import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type AccountPrefix, utf8Encode } from "@p8e/core";
import { accountText, FEE_COLLECTOR, keyOfAccount, moduleAddress } from "./addresses.ts";
import { balanceOf, type TransferContext, transfer } from "./bank.ts";
import { addCoins, anyNegative, type Coins, formatCoins, isDenomination, parseAmount, subtractCoins } from "./coins.ts";
import { event, type LedgerEvent } from "./events.ts";
import { useAllowance } from "./fee-allowances.ts";
import { admissionGas, collectionGas, GasMeter, gasAllowance, isTestChain } from "./gas.ts";
import type { Branch } from "./ledger-state.ts";
import type { BlockFacts } from "./message-context.ts";
import { isOfOtherModule } from "./messages/other-modules.ts";
import { findDefinition } from "./messages/registry.ts";
import type { Mode } from "./mode.ts";
import { type Cost, costOf } from "./prices.ts";
import { panicRefusal, plainRefusal, sdkRefusal } from "./refusal.ts";
import { checkSignatures, isTime, type Run, requireSignatureCount, setPublicKeys } from "./signatures.ts";
import { pricedTypes, type Transaction } from "./transaction.ts";

/**
 * What a transaction must pass before its messages run, in the original's order, since the first refusal is the one
 * that shows (provenance: internal/antewrapper/handler.go; ledger specification 1.7). What it writes (up-front fee,
 * keys, sequences) stays even if the messages fail.
 */
export interface Admission {
  readonly fee: Coins;
  readonly cost: Cost;
  readonly payer: FeePayer;
  readonly gas: GasMeter;
  readonly gasWanted: bigint;
  readonly events: LedgerEvent[];
}

/** Longest memo, by the parameters of a fresh genesis. */
export const MEMO_BYTES_MAX = 256;
const GAS_LIMIT_MAX = (1n << 63n) - 1n;

/** Stateless: every message is well-formed and has a handler. Returns the messages with their ids filled in. */
export function validateMessages(transaction: Transaction, block: BlockFacts): Transaction {
  if (transaction.messages.length === 0) throw sdkRefusal("invalidRequest", "must contain at least one message");
  const messages = transaction.messages.map(({ typeUrl, message }) => {
    const definition = findDefinition(typeUrl);
    if (definition === undefined || message === undefined) return { typeUrl, message };
    return { typeUrl, message: definition.validate(message, block.accountPrefix) };
  });
  for (const { typeUrl } of messages) {
    if (findDefinition(typeUrl) !== undefined) continue;
    const reason = isOfOtherModule(typeUrl) ? "is not supported by the embedded ledger" : "has no message handler";
    throw sdkRefusal("unknownRequest", `${typeUrl} ${reason}`);
  }
  return { ...transaction, messages };
}

/** @throws Refusal; the branch may then hold partial writes and must be dropped */
export function admit(branch: Branch, transaction: Transaction, { block, keys, mode }: Run): Admission {
  const { fee: feeField, body } = transaction;
  if (feeField === undefined) throw panicRefusal("the transaction has no fee");
  const fee = feeCoins(feeField.amount);
  const { wanted, limit } = gasAllowance(feeField.gasLimit, fee.coins, block.chainId);
  const gas = new GasMeter(mode === "simulate" ? 1n << 63n : limit);
  const cost = costFor(transaction, block);
  if (mode !== "simulate") requireFee(cost.total, fee);
  if (body.extensionOptions.length > 0) {
    throw sdkRefusal("unknownExtensionOptions", "extension options are not supported");
  }
  requireBasics(transaction);
  requireNotTimedOut(transaction, block);
  const memoBytes = utf8Encode(body.memo).length;
  if (memoBytes > MEMO_BYTES_MAX) {
    throw sdkRefusal(
      "memoTooLarge",
      `maximum number of characters is ${MEMO_BYTES_MAX} but received ${memoBytes} characters`,
    );
  }
  const uncounted = mode === "simulate" ? collectionGas(cost) : 0n;
  gas.consume(admissionGas(transaction.bytes.length, transaction.signatures.length) - uncounted, "txSize");
  const events: LedgerEvent[] = [];
  const payer = takeUpFront({ branch, block, events }, transaction, { fee: fee.coins, cost, mode });
  const signatures = { branch, block, transaction, keys, mode };
  setPublicKeys(signatures, events);
  requireSignatureCount(transaction);
  checkSignatures(signatures, gas);
  return { fee: fee.coins, cost, payer, gas, gasWanted: wanted, events };
}

function costFor(transaction: Transaction, block: BlockFacts): Cost {
  if (isTestChain(block.chainId)) return { upFront: [], total: [] };
  try {
    return costOf(pricedTypes(transaction.body.messages));
  } catch {
    throw plainRefusal("could not calculate msg costs: could not extract sub-messages");
  }
}

interface GivenFee {
  readonly coins: Coins;
  /** Why the coins are no valid fee, if they are not. */
  readonly fault: string | undefined;
}

/** Zero coins are allowed; order and repetition are not forgiven. */
function feeCoins(amount: readonly { readonly denom: string; readonly amount: string }[]): GivenFee {
  const parsed = amount.map(({ denom, amount: text }) => ({ denom, amount: parseAmount(text) }));
  let fault: string | undefined;
  const nonZero = parsed.filter((coin) => coin.amount !== 0n);
  for (const [index, coin] of nonZero.entries()) {
    if (coin.amount === undefined || coin.amount < 0n) fault ??= `amount of ${coin.denom} is not positive`;
    if (!isDenomination(coin.denom)) fault ??= `invalid denom ${coin.denom}`;
    const before = nonZero[index - 1];
    if (before !== undefined && before.denom >= coin.denom) fault ??= "denominations must ascend and not repeat";
  }
  const coins = addCoins(
    parsed.map((coin) => ({ denom: coin.denom, amount: coin.amount ?? 0n })),
    [],
  );
  return { coins, fault };
}

function requireFee(required: Coins, given: GivenFee): void {
  if (given.fault !== undefined) {
    throw sdkRefusal("insufficientFee", `fee provided "${formatCoins(given.coins)}" is invalid: ${given.fault}`);
  }
  const short = subtractCoins(given.coins, required).filter(({ amount }) => amount < 0n);
  if (short.length === 0) return;
  const missing = formatCoins(short.map(({ denom, amount }) => ({ denom, amount: -amount })));
  throw sdkRefusal(
    "insufficientFee",
    `fee required: "${formatCoins(required)}", fee provided: "${formatCoins(given.coins)}", short by "${missing}"`,
  );
}

function requireBasics(transaction: Transaction): void {
  const { fee, signatures, signers, signersFault } = transaction;
  if (fee !== undefined && fee.gasLimit > GAS_LIMIT_MAX) {
    throw sdkRefusal("invalidRequest", `invalid gas supplied; ${fee.gasLimit} > ${GAS_LIMIT_MAX}`);
  }
  for (const { denom, amount } of fee?.amount ?? []) {
    if ((parseAmount(amount) ?? -1n) < 0n)
      throw sdkRefusal("insufficientFee", `invalid fee provided: ${amount}${denom}`);
  }
  if (signersFault?.codespace === "sdk" && signersFault.code === 7) throw signersFault;
  if (signatures.length === 0) throw sdkRefusal("noSignatures", "no signatures");
  if (signersFault !== undefined) throw signersFault;
  if (signatures.length !== signers.length) {
    throw sdkRefusal(
      "unauthorized",
      `wrong number of signers; expected ${signers.length}, got ${signatures.length} signatures`,
    );
  }
}

function requireNotTimedOut(transaction: Transaction, block: BlockFacts): void {
  const { timeoutHeight, timeoutTimestamp } = transaction.body;
  if (timeoutHeight > 0n && block.height > timeoutHeight) {
    throw sdkRefusal("timeoutHeight", `block height: ${block.height}, timeout height: ${timeoutHeight}`);
  }
  if (isTime(timeoutTimestamp) && timestampMs(timeoutTimestamp) < block.timeMs) {
    throw sdkRefusal("timeout", `block time is after the timeout timestamp`);
  }
}

/** Who pays for a transaction. */
export interface FeePayer {
  /** bech32 text of the account the fee is taken from. */
  readonly address: string;
  /** The account that was allowed to spend it, when another's allowance pays. */
  readonly grantee: string | undefined;
}

interface Offer {
  readonly fee: Coins;
  readonly cost: Cost;
  readonly mode: Mode;
}

function takeUpFront(context: TransferContext, transaction: Transaction, { fee, cost, mode }: Offer): FeePayer {
  const { branch, events } = context;
  const { accountPrefix } = context.block;
  const payer = accountText(transaction.fee?.payer ?? "", accountPrefix);
  const asked = payer ?? transaction.signers[0];
  if (asked === undefined) throw sdkRefusal("unknownAddress", "fee payer address does not exist");
  const granter = granterOf(transaction, accountPrefix);
  const grantee = granter !== undefined && granter !== asked ? asked : undefined;
  const address = granter ?? asked;
  takeAllowance(context, { address, grantee }, cost.upFront, transaction);
  if (mode !== "simulate") {
    const key = keyOfAccount(address);
    if (!branch.has("accounts", key)) {
      throw sdkRefusal("unknownAddress", `fee payer address "${address}" does not exist`);
    }
    const held = fee.map(({ denom }) => ({ denom, amount: balanceOf(branch.state, key, denom) }));
    if (anyNegative(subtractCoins(held, fee))) {
      throw sdkRefusal(
        "insufficientFunds",
        `account "${address}" balance: "${formatCoins(held)}", required: "${formatCoins(fee)}"`,
      );
    }
    if (cost.upFront.length > 0) payFee(context, address, cost.upFront);
  }
  events.push(
    event("tx", { fee: formatCoins(fee), fee_payer: address }),
    event("tx", { min_fee_charged: formatCoins(cost.upFront), fee_payer: address }),
  );
  return { address, grantee };
}

/** Undefined unless one is named; a node panics for what is no address. */
function granterOf({ fee }: Transaction, prefix: AccountPrefix): string | undefined {
  const named = fee?.granter ?? "";
  if (named === "") return undefined;
  const granter = accountText(named, prefix);
  if (granter === undefined) throw panicRefusal(`invalid fee granter address "${named.slice(0, 120)}"`);
  return granter;
}

/** Draws on the allowance, if one pays. */
export function takeAllowance(
  context: TransferContext,
  payer: FeePayer,
  amount: Coins,
  transaction: Transaction,
): void {
  const { address: granter, grantee } = payer;
  if (grantee === undefined || amount.length === 0) return;
  const types = transaction.messages.map(({ typeUrl }) => typeUrl);
  useAllowance(context, { granter, grantee }, amount, types);
}

/** Moves a fee to the collector's account. @throws Refusal `sdk/5` when the payer has less */
export function payFee(context: TransferContext, payer: string, amount: Coins): void {
  transfer(context, payer, moduleAddress(FEE_COLLECTOR, context.block.accountPrefix), amount);
}
