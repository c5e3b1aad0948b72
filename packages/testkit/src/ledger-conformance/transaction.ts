import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Any, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { AccountPrefix } from "@p8e/core";
import { accountAddress, type KeyReference, localKey, type PrivateKey, signTransaction } from "@p8e/crypto";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";

/** Somebody who can sign: a key and the account it has on the network under test. */
export interface Actor {
  readonly address: string;
  readonly key: KeyReference;
}

/** The account of a key on a network. */
export function actor(privateKey: PrivateKey, prefix: AccountPrefix): Actor {
  const key = localKey(privateKey);
  return { address: accountAddress(key.publicKey, prefix), key };
}

/** A message by its fields, packed. */
export function packed<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Any {
  return packAny(schema, create(schema, init));
}

/** Somebody who signs, and what the chain knows of the account. */
export interface Signer {
  readonly actor: Actor;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

/** Everything that a transaction says. */
export interface TransactionContent {
  readonly messages: readonly Any[];
  readonly signers: readonly Signer[];
  readonly chainId: string;
  /** nhash. */
  readonly fee: bigint;
  readonly gasLimit: bigint;
  readonly feeGranter?: string;
  readonly memo?: string;
  readonly timeoutHeight?: bigint;
  readonly unordered?: boolean;
  readonly timeoutTimestampMs?: number;
  /** Signs nothing: as many empty signatures as signers. */
  readonly simulate?: boolean;
}

/** TxRaw bytes, signed in SIGN_MODE_DIRECT by every signer in order. */
export async function transactionBytes(content: TransactionContent): Promise<Uint8Array> {
  const { timeoutTimestampMs } = content;
  const body = create(cosmos.tx.TxBodySchema, {
    messages: [...content.messages],
    memo: content.memo ?? "",
    timeoutHeight: content.timeoutHeight ?? 0n,
    unordered: content.unordered ?? false,
    ...(timeoutTimestampMs === undefined ? {} : { timeoutTimestamp: timestampFromMs(timeoutTimestampMs) }),
  });
  const authInfo = create(cosmos.tx.AuthInfoSchema, {
    signerInfos: content.signers.map(({ actor: { key }, sequence }) => ({
      publicKey: packed(cosmos.secp256k1.PubKeySchema, { key: key.publicKey.compressed }),
      modeInfo: { sum: { case: "single" as const, value: { mode: cosmos.tx.SignMode.DIRECT } } },
      sequence,
    })),
    fee: {
      amount: content.fee === 0n ? [] : [{ denom: "nhash", amount: content.fee.toString() }],
      gasLimit: content.gasLimit,
      granter: content.feeGranter ?? "",
    },
  });
  const bodyBytes = toBinary(cosmos.tx.TxBodySchema, body);
  const authInfoBytes = toBinary(cosmos.tx.AuthInfoSchema, authInfo);
  const signatures: Uint8Array[] = [];
  for (const { actor: signer, accountNumber } of content.signers) {
    const document = create(cosmos.tx.SignDocSchema, {
      bodyBytes,
      authInfoBytes,
      chainId: content.chainId,
      accountNumber,
    });
    signatures.push(
      content.simulate === true
        ? new Uint8Array(0)
        : await signTransaction(signer.key, toBinary(cosmos.tx.SignDocSchema, document)),
    );
  }
  return toBinary(cosmos.tx.TxRawSchema, create(cosmos.tx.TxRawSchema, { bodyBytes, authInfoBytes, signatures }));
}
