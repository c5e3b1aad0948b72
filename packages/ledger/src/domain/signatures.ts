import { create, toBinary } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { base64Encode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { keyOfAccount } from "./addresses.ts";
import { unpackAny } from "./any.ts";
import { event, type LedgerEvent } from "./events.ts";
import { type GasMeter, UNORDERED_GAS } from "./gas.ts";
import { type Account, type Branch, pairKey } from "./ledger-state.ts";
import type { BlockFacts } from "./message-context.ts";
import type { Mode } from "./mode.ts";
import { panicRefusal, plainRefusal, sdkRefusal } from "./refusal.ts";
import type { Transaction } from "./transaction.ts";

/** What the state machine needs of cryptography. Both are pure functions of their arguments. */
export interface Keys {
  /** bech32 account address of a 33-byte key; undefined for bytes that are no key. */
  readonly accountOf: (publicKey: Uint8Array) => string | undefined;
  /** Whether the 64 bytes are a low-s signature of SHA-256 of `signBytes`. */
  readonly verify: (publicKey: Uint8Array, signBytes: Uint8Array, signature: Uint8Array) => boolean;
}

const SIGNATURES_MAX = 7;
const KEY_BYTES = 33;
const UNORDERED_TIMEOUT_MS_MAX = 5 * 60_000;

function signerAccount(branch: Branch, signer: string): Account {
  const account = branch.get("accounts", keyOfAccount(signer));
  if (account === undefined) {
    throw sdkRefusal("unknownAddress", `account ${signer} does not exist`);
  }
  return account;
}

/** In which block a transaction runs, why, and by whose cryptography. */
export interface Run {
  readonly block: BlockFacts;
  readonly keys: Keys;
  readonly mode: Mode;
}

/** What looking at signatures takes. */
export interface SignatureContext extends Run {
  readonly branch: Branch;
  readonly transaction: Transaction;
}

/** Keeps the key of an account that signs for the first time. */
export function setPublicKeys(context: SignatureContext, events: LedgerEvent[]): void {
  const { branch, transaction, keys, mode } = context;
  const { signerInfos } = transaction.authInfo;
  if (signerInfos.length !== transaction.signers.length) {
    throw sdkRefusal(
      "transactionUndecodable",
      `expected ${transaction.signers.length} signer infos, got ${signerInfos.length}`,
    );
  }
  for (const [index, signer] of transaction.signers.entries()) {
    const info = signerInfos[index];
    const any = info?.publicKey;
    if (any !== undefined && any.typeUrl === "/cosmos.crypto.multisig.LegacyAminoPubKey") {
      throw plainRefusal("multi-signature keys are not supported by the embedded ledger");
    }
    const publicKey = publicKeyOf(any);
    if (any !== undefined && publicKey === undefined && mode !== "simulate") {
      throw sdkRefusal("invalidPublicKey", `keys of type ${any.typeUrl} are not supported by the embedded ledger`);
    }
    if (publicKey !== undefined) {
      if (mode !== "simulate" && publicKey.length !== KEY_BYTES) throw panicRefusal("length of pubkey is incorrect");
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

/** No more than a node takes, and each with its mode. @throws Refusal `sdk/14` */
export function requireSignatureCount(transaction: Transaction): void {
  if (transaction.signers.length > SIGNATURES_MAX) {
    throw sdkRefusal("tooManySignatures", `signatures: ${transaction.signers.length}, limit: ${SIGNATURES_MAX}`);
  }
  if (transaction.authInfo.signerInfos.some(({ modeInfo }) => modeInfo === undefined)) {
    throw sdkRefusal("tooManySignatures", "SignatureData is required");
  }
}

/** Sequences, signatures, and the sequence's step or, for an unordered transaction, its one-time mark. */
export function checkSignatures(context: SignatureContext, gas: GasMeter): void {
  const { branch, transaction, mode } = context;
  const { unordered } = transaction.body;
  if (unordered) useNonces(context, gas);
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
    if (mode !== "simulate") requireSignature(context, account, index);
  }
  if (unordered) return;
  for (const signer of transaction.signers) {
    const account = signerAccount(branch, signer);
    branch.set("accounts", keyOfAccount(signer), { ...account, sequence: account.sequence + 1n });
  }
}

function requireSignature(context: SignatureContext, account: Account, index: number): void {
  const { block, transaction, keys } = context;
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

/** The year 1 and 1970's first second stand for no time. */
const NO_TIME = -62_135_596_800n;

/** Whether a timeout is set. */
export function isTime(timestamp: Timestamp | undefined): timestamp is Timestamp {
  if (timestamp === undefined || timestamp.seconds === 0n) return false;
  return timestamp.seconds !== NO_TIME || timestamp.nanos !== 0;
}

function useNonces({ branch, block, transaction, mode }: SignatureContext, gas: GasMeter): void {
  const { timeoutTimestamp } = transaction.body;
  if (!isTime(timeoutTimestamp)) {
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
