import { create, toBinary } from "@bufbuild/protobuf";
import { type AccountAddress, P8eError, transactionHash } from "@p8e/core";
import { decodeMessage } from "@p8e/decoding";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { fromPacked, type LedgerMessage, requiredSigners } from "../messages/ledger-message.ts";
import { type Amount, parseCoins, toCoins } from "./fees.ts";
import type { LedgerSigner } from "./signer.ts";

/**
 * A transaction's bytes: the body, who signs with which sequence and fee, and over both, chain id and account number
 * the signatures (SIGN_MODE_DIRECT; cosmos-sdk: x/auth/tx, proto cosmos.tx.v1beta1).
 */

/** A signer as a transaction names it. */
export interface TransactionSigner {
  readonly publicKey: Uint8Array;
  readonly sequence: bigint;
}

/** Everything that a transaction is made of but its signatures. */
export interface TransactionContent {
  readonly messages: readonly LedgerMessage[];
  /** In the order of `requiredSigners`. The first pays unless there is a granter. */
  readonly signers: readonly TransactionSigner[];
  readonly amounts: readonly Amount[];
  readonly gasLimit: bigint;
  readonly feeGranter?: AccountAddress | undefined;
  readonly memo?: string | undefined;
  /** The last block that may include it; 0 for none. */
  readonly timeoutHeight: bigint;
}

/** What is signed, without the parts that belong to one signer's account. */
export interface UnsignedTransaction {
  readonly bodyBytes: Uint8Array<ArrayBuffer>;
  readonly authInfoBytes: Uint8Array<ArrayBuffer>;
}

/** The bytes of body and authorization, which every signer signs. */
export function unsignedTransaction(content: TransactionContent): UnsignedTransaction {
  const body = create(cosmos.tx.TxBodySchema, {
    messages: content.messages.map(({ typeUrl, value }) => ({ typeUrl, value: new Uint8Array(value) })),
    memo: content.memo ?? "",
    timeoutHeight: content.timeoutHeight,
  });
  const authInfo = create(cosmos.tx.AuthInfoSchema, {
    signerInfos: content.signers.map(({ publicKey, sequence }) => ({
      publicKey: packAny(
        cosmos.secp256k1.PubKeySchema,
        create(cosmos.secp256k1.PubKeySchema, { key: new Uint8Array(publicKey) }),
      ),
      modeInfo: { sum: { case: "single" as const, value: { mode: cosmos.tx.SignMode.DIRECT } } },
      sequence,
    })),
    fee: {
      amount: toCoins(content.amounts),
      gasLimit: content.gasLimit,
      granter: content.feeGranter ?? "",
    },
  });
  return {
    bodyBytes: toBinary(cosmos.tx.TxBodySchema, body),
    authInfoBytes: toBinary(cosmos.tx.AuthInfoSchema, authInfo),
  };
}

/** The bytes one signer signs. */
export function signDocument(unsigned: UnsignedTransaction, chainId: string, accountNumber: bigint): Uint8Array {
  return toBinary(
    cosmos.tx.SignDocSchema,
    create(cosmos.tx.SignDocSchema, {
      bodyBytes: unsigned.bodyBytes,
      authInfoBytes: unsigned.authInfoBytes,
      chainId,
      accountNumber,
    }),
  );
}

/** @throws `signature.invalid` when a signer returns something other than 64 bytes */
export async function signTransaction(
  unsigned: UnsignedTransaction,
  chainId: string,
  signers: readonly { readonly signer: LedgerSigner; readonly accountNumber: bigint }[],
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const signatures: Uint8Array[] = [];
  for (const { signer, accountNumber } of signers) {
    const signature = await signer.signDirect(signDocument(unsigned, chainId, accountNumber), signal);
    if (signature.length !== 64) {
      throw new P8eError("signature.invalid", `a ledger signature has 64 bytes, not ${signature.length}`, {
        facts: { address: signer.address },
      });
    }
    signatures.push(signature);
  }
  return rawTransaction(unsigned, signatures);
}

/** For asking the node what it would cost: one empty signature for each signer. */
export function unsignedBytes(content: TransactionContent): Uint8Array {
  return rawTransaction(
    unsignedTransaction(content),
    content.signers.map(() => new Uint8Array()),
  );
}

function rawTransaction(unsigned: UnsignedTransaction, signatures: readonly Uint8Array[]): Uint8Array {
  return toBinary(
    cosmos.tx.TxRawSchema,
    create(cosmos.tx.TxRawSchema, {
      bodyBytes: unsigned.bodyBytes,
      authInfoBytes: unsigned.authInfoBytes,
      signatures: signatures.map((signature) => new Uint8Array(signature)),
    }),
  );
}

/** What a persisted transaction says of itself. */
export interface TransactionOutline {
  readonly hash: string;
  readonly messages: readonly LedgerMessage[];
  /** Address and sequence of each signer, in order. */
  readonly signers: readonly { readonly address: string; readonly sequence: bigint }[];
  readonly amounts: readonly Amount[];
  readonly gasLimit: bigint;
  readonly timeoutHeight: bigint;
}

const TRANSACTION_BYTES_MAX = 16 * 1024 * 1024;

/** @throws `input.invalid` if the bytes are not a signed transaction of messages known here */
export function readTransaction(txBytes: Uint8Array): TransactionOutline {
  if (txBytes.length > TRANSACTION_BYTES_MAX) throw notOurs("the transaction is too large");
  const { body, authInfo } = parse(txBytes);
  const messages = body.messages.map(fromPacked);
  const addresses = requiredSigners(messages);
  if (addresses.length === 0 || addresses.length !== authInfo.signerInfos.length) {
    throw notOurs("the transaction's signers are not those of its messages");
  }
  return {
    hash: transactionHash(txBytes),
    messages,
    signers: addresses.map((address, index) => ({ address, sequence: authInfo.signerInfos[index]!.sequence })),
    amounts: parseCoins(authInfo.fee?.amount ?? []),
    gasLimit: authInfo.fee?.gasLimit ?? 0n,
    timeoutHeight: body.timeoutHeight,
  };
}

/** The messages of a transaction, whoever made it; undefined for bytes that are none. */
export function readMessages(txBytes: Uint8Array): readonly LedgerMessage[] | undefined {
  try {
    return parse(txBytes).body.messages.map(fromPacked);
  } catch {
    return undefined;
  }
}

/** Who signed a transaction and what it offers, whatever its messages are. @throws `input.invalid` */
export function readAuthInfo(txBytes: Uint8Array): cosmos.tx.AuthInfo {
  return parse(txBytes).authInfo;
}

function parse(txBytes: Uint8Array) {
  try {
    const raw = decodeMessage(cosmos.tx.TxRawSchema, txBytes, { what: "the transaction" });
    return {
      body: decodeMessage(cosmos.tx.TxBodySchema, raw.bodyBytes, { what: "the transaction's body" }),
      authInfo: decodeMessage(cosmos.tx.AuthInfoSchema, raw.authInfoBytes, {
        what: "the transaction's fees and signers",
      }),
    };
  } catch (cause) {
    throw notOurs("the bytes are not a transaction", cause);
  }
}

function notOurs(message: string, cause?: unknown): P8eError {
  return new P8eError("input.invalid", message, { cause });
}
