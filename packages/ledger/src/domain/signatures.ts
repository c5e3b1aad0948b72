import { create, toBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { base64Encode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { keyOfAccount } from "./addresses.ts";
import { unpackAny } from "./any.ts";
import { event, type LedgerEvent } from "./events.ts";
import { type GasMeter, UNORDERED_GAS } from "./gas.ts";
import { type Account, type Branch, pairKey } from "./ledger-state.ts";
import type { BlockFacts } from "./message-context.ts";
import type { Mode } from "./mode.ts";
import { plainRefusal, sdkRefusal } from "./refusal.ts";
import type { Transaction } from "./transaction.ts";

/** What the state machine needs of cryptography. Both are pure functions of their arguments. */
export interface Keys {
  /** bech32 account address of a 33-byte key; undefined for bytes that are no key. */
  readonly accountOf: (publicKey: Uint8Array) => string | undefined;
  /** Whether the 64 bytes are a low-s signature of SHA-256 of `signBytes`. */
  readonly verify: (publicKey: Uint8Array, signBytes: Uint8Array, signature: Uint8Array) => boolean;
}

const SIGNATURES_MAX = 7;
const UNORDERED_TIMEOUT_MS_MAX = 5 * 60_000;

function signerAccount(branch: Branch, signer: string): Account {
  const account = branch.get("accounts", keyOfAccount(signer));
  if (account === undefined) {
    throw sdkRefusal("unknownAddress", `account ${signer} does not exist`);
  }
  return account;
}

/** Keeps the key of an account that signs for the first time. */
export function setPublicKeys(
  branch: Branch,
  transaction: Transaction,
  keys: Keys,
  mode: Mode,
  events: LedgerEvent[],
): void {
  for (const [index, signer] of transaction.signers.entries()) {
    const info = transaction.authInfo.signerInfos[index];
    const any = info?.publicKey;
    if (any !== undefined && any.typeUrl === "/cosmos.crypto.multisig.LegacyAminoPubKey") {
      throw plainRefusal("multi-signature keys are not supported by the embedded ledger");
    }
    const publicKey = publicKeyOf(any);
    if (publicKey !== undefined) {
      if (mode !== "simulate" && keys.accountOf(publicKey) !== signer) {
        throw sdkRefusal(
          "invalidPublicKey",
          `pubKey does not match signer address ${signer} with signer index: ${index}`,
        );
      }
      const account = signerAccount(branch, signer);
      if (account.publicKey === undefined) branch.set("accounts", keyOfAccount(signer), { ...account, publicKey });
    }
    const sequence = info?.sequence ?? 0n;
    const signature = transaction.signatures[index] ?? new Uint8Array(0);
    if (!transaction.body.unordered) events.push(event("tx", { acc_seq: `${signer}/${sequence}` }));
    events.push(event("tx", { signature: base64Encode(signature) }));
  }
}

function publicKeyOf(any: cosmos.tx.SignerInfo["publicKey"]): Uint8Array | undefined {
  try {
    return unpackAny(any, cosmos.secp256k1.PubKeySchema)?.key;
  } catch {
    return undefined;
  }
}

export function requireSignatureCount(transaction: Transaction): void {
  if (transaction.signers.length > SIGNATURES_MAX) {
    throw sdkRefusal("tooManySignatures", `signatures: ${transaction.signers.length}, limit: ${SIGNATURES_MAX}`);
  }
}

/** Sequences, signatures, and the sequence's step or, for an unordered transaction, its one-time mark. */
export function checkSignatures(
  branch: Branch,
  block: BlockFacts,
  transaction: Transaction,
  keys: Keys,
  mode: Mode,
  gas: GasMeter,
): void {
  const { unordered } = transaction.body;
  if (unordered) useNonces(branch, block, transaction, mode, gas);
  for (const [index, signer] of transaction.signers.entries()) {
    const account = signerAccount(branch, signer);
    const info = transaction.authInfo.signerInfos[index];
    if (mode !== "simulate" && account.publicKey === undefined) {
      throw sdkRefusal("invalidPublicKey", "pubkey on account is not set");
    }
    const given = info?.sequence ?? 0n;
    if (unordered && given !== 0n) {
      throw sdkRefusal("invalidRequest", "sequence is not allowed for unordered transactions");
    }
    if (!unordered && given !== account.sequence) {
      throw sdkRefusal("wrongSequence", `account sequence mismatch, expected ${account.sequence}, got ${given}`);
    }
    if (mode !== "simulate") requireSignature(account, index, block, transaction, keys);
  }
  if (unordered) return;
  for (const signer of transaction.signers) {
    const account = signerAccount(branch, signer);
    branch.set("accounts", keyOfAccount(signer), { ...account, sequence: account.sequence + 1n });
  }
}

function requireSignature(
  account: Account,
  index: number,
  block: BlockFacts,
  transaction: Transaction,
  keys: Keys,
): void {
  const mode = transaction.authInfo.signerInfos[index]?.modeInfo?.sum;
  if (mode?.case !== "single" || mode.value.mode !== cosmos.tx.SignMode.DIRECT) {
    throw plainRefusal("sign modes other than SIGN_MODE_DIRECT are not supported by the embedded ledger");
  }
  const signBytes = toBinary(
    cosmos.tx.SignDocSchema,
    create(cosmos.tx.SignDocSchema, {
      bodyBytes: transaction.bodyBytes,
      authInfoBytes: transaction.authInfoBytes,
      chainId: block.chainId,
      accountNumber: account.number,
    }),
  );
  const { publicKey } = account;
  const signature = transaction.signatures[index];
  if (publicKey === undefined || signature === undefined || !keys.verify(publicKey, signBytes, signature)) {
    throw sdkRefusal(
      "unauthorized",
      `signature verification failed; please verify account number (${account.number}) and chain-id (${block.chainId}): (unable to verify single signer signature)`,
    );
  }
}

function useNonces(branch: Branch, block: BlockFacts, transaction: Transaction, mode: Mode, gas: GasMeter): void {
  const { timeoutTimestamp } = transaction.body;
  if (timeoutTimestamp === undefined || timeoutTimestamp.seconds === 0n) {
    throw sdkRefusal("invalidRequest", "unordered transaction must have timeout_timestamp set");
  }
  const timeoutMs = timestampMs(timeoutTimestamp);
  if (timeoutMs < block.timeMs) {
    throw sdkRefusal("invalidRequest", "unordered transaction has a timeout_timestamp that has already passed");
  }
  if (timeoutMs > block.timeMs + UNORDERED_TIMEOUT_MS_MAX) {
    throw sdkRefusal("invalidRequest", "unordered tx ttl exceeds 5m0s");
  }
  gas.consume(UNORDERED_GAS, "unordered tx");
  if (mode === "simulate") return;
  for (const signer of transaction.signers) {
    const nanos = timeoutTimestamp.seconds * 1_000_000_000n + BigInt(timeoutTimestamp.nanos);
    const key = pairKey(nanos.toString().padStart(20, "0"), keyOfAccount(signer));
    if (branch.has("unorderedNonces", key)) {
      throw sdkRefusal("invalidRequest", `already used timeout timestamp for sender ${signer}`);
    }
    branch.set("unorderedNonces", key, true);
  }
}

/** Forgets the marks of unordered transactions that can no longer come. */
export function pruneNonces(branch: Branch, block: BlockFacts): void {
  const now = (BigInt(block.timeMs) * 1_000_000n).toString().padStart(20, "0");
  for (const [key] of [...branch.entries("unorderedNonces")]) {
    if (key >= now) return;
    branch.delete("unorderedNonces", key);
  }
}
