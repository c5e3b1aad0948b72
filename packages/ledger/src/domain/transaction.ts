import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import { type AccountPrefix, transactionHash } from "@p8e/core";
import { decodeMessage } from "@p8e/decoding";
import * as cosmos from "@p8e/proto/cosmos";
import { accountText, requireAccountText } from "./addresses.ts";
import { typeUrl } from "./any.ts";
import { readCustomFields } from "./custom-fields.ts";
import { isOfOtherModule } from "./messages/other-modules.ts";
import { findDefinition } from "./messages/registry.ts";
import { Refusal, sdkRefusal } from "./refusal.ts";
import { requireCanonicalEnvelope, requireKnownFields, type StrictOptions } from "./strict-wire.ts";

/** A transaction as it was read, with what was signed. */
export interface Transaction {
  readonly bytes: Uint8Array;
  /** Upper-case hexadecimal SHA-256 of the bytes. */
  readonly hash: string;
  readonly body: cosmos.tx.TxBody;
  readonly authInfo: cosmos.tx.AuthInfo;
  /** Without one, a node panics. */
  readonly fee: cosmos.tx.Fee | undefined;
  readonly bodyBytes: Uint8Array;
  readonly authInfoBytes: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  readonly messages: readonly DecodedMessage[];
  /** Who must sign, in the order of signer infos and signatures. The first pays unless another payer is named. */
  readonly signers: readonly string[];
  /** Why `signers` are not all of them: an address that is none. */
  readonly signersFault: Refusal | undefined;
}

/** A message of a transaction. */
export interface DecodedMessage {
  readonly typeUrl: string;
  /** Undefined for messages of modules that the embedded ledger leaves out. */
  readonly message: Message | undefined;
}

function byUrl(...schemas: readonly DescMessage[]): ReadonlyMap<string, DescMessage> {
  return new Map(schemas.map((schema) => [typeUrl(schema), schema]));
}

const authorizations = byUrl(
  cosmos.authz.GenericAuthorizationSchema,
  cosmos.authz.CountAuthorizationSchema,
  cosmos.bank.SendAuthorizationSchema,
);
const allowances = byUrl(
  cosmos.feegrant.BasicAllowanceSchema,
  cosmos.feegrant.PeriodicAllowanceSchema,
  cosmos.feegrant.AllowedMsgAllowanceSchema,
);
const keys = byUrl(cosmos.secp256k1.PubKeySchema, cosmos.multisig.LegacyAminoPubKeySchema);

/** Authorizations and keys that a node has and the embedded ledger has not: they decode, and are refused by name. */
const opaque = new Set([
  "/cosmos.staking.v1beta1.StakeAuthorization",
  "/cosmwasm.wasm.v1.ContractExecutionAuthorization",
  "/cosmwasm.wasm.v1.ContractMigrationAuthorization",
  "/cosmwasm.wasm.v1.StoreCodeAuthorization",
  "/ibc.applications.transfer.v1.TransferAuthorization",
  "/provenance.marker.v1.MarkerTransferAuthorization",
  "/provenance.marker.v1.MultiAuthorization",
  "/cosmos.crypto.ed25519.PubKey",
  "/cosmos.crypto.secp256r1.PubKey",
]);

/** What may be packed where. A field that is not listed holds nothing a node knows: extension options. */
const packedIn: Readonly<Record<string, (url: string) => DescMessage | undefined>> = {
  "cosmos.tx.v1beta1.TxBody.messages": (url) => findDefinition(url)?.schema,
  "cosmos.authz.v1beta1.MsgExec.msgs": (url) => findDefinition(url)?.schema,
  "cosmos.authz.v1beta1.Grant.authorization": (url) => authorizations.get(url),
  "cosmos.feegrant.v1beta1.MsgGrantAllowance.allowance": (url) => allowances.get(url),
  "cosmos.feegrant.v1beta1.AllowedMsgAllowance.allowance": (url) => allowances.get(url),
  "cosmos.tx.v1beta1.SignerInfo.public_key": (url) => keys.get(url),
  "cosmos.crypto.multisig.LegacyAminoPubKey.public_keys": (url) => keys.get(url),
};

function resolve(url: string, holder: string): DescMessage | "opaque" | undefined {
  const known = packedIn[holder]?.(url);
  if (known !== undefined || packedIn[holder] === undefined) return known;
  const isMessage = holder.endsWith(".messages") || holder.endsWith(".msgs");
  return (isMessage ? isOfOtherModule(url) : opaque.has(url)) ? "opaque" : undefined;
}

const body: StrictOptions = { resolve, allowNotCritical: true };
const strict: StrictOptions = { resolve, allowNotCritical: false };

/** @throws Refusal `sdk/2` for anything a real node does not decode */
export function decodeTransaction(bytes: Uint8Array, prefix: AccountPrefix): Transaction {
  requireCanonicalEnvelope(bytes);
  const raw = parse(cosmos.tx.TxRawSchema, bytes, strict);
  const txBody = parse(cosmos.tx.TxBodySchema, raw.bodyBytes, body);
  const authInfo = parse(cosmos.tx.AuthInfoSchema, raw.authInfoBytes, strict);
  const messages = txBody.messages.map(({ typeUrl: url, value }) => {
    const definition = findDefinition(url);
    return { typeUrl: url, message: definition === undefined ? undefined : decoded(definition.schema, value) };
  });
  return {
    bytes,
    hash: transactionHash(bytes),
    body: txBody,
    authInfo,
    fee: authInfo.fee,
    bodyBytes: raw.bodyBytes,
    authInfoBytes: raw.authInfoBytes,
    signatures: raw.signatures,
    messages,
    ...requiredSigners(messages, authInfo.fee, prefix),
  };
}

function parse<D extends DescMessage>(schema: D, bytes: Uint8Array, options: StrictOptions) {
  requireKnownFields(bytes, schema, options);
  try {
    const message = decoded(schema, bytes);
    readCustomFields(schema, message, options.resolve);
    return message;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw sdkRefusal("transactionUndecodable", `malformed ${schema.typeName}`);
  }
}

/** @throws Refusal also for what would cost too much: a few bytes of a transaction can ask for many objects */
function decoded<D extends DescMessage>(schema: D, bytes: Uint8Array): MessageShape<D> {
  try {
    return decodeMessage(schema, bytes, { what: schema.typeName });
  } catch {
    throw sdkRefusal("transactionUndecodable", `malformed ${schema.typeName}`);
  }
}

/** The signers of the messages in order of appearance, and the payer; those after the first that is none are not read. */
function requiredSigners(
  messages: readonly DecodedMessage[],
  fee: cosmos.tx.Fee | undefined,
  prefix: AccountPrefix,
): Pick<Transaction, "signers" | "signersFault"> {
  const signers = new Set<string>();
  try {
    for (const { typeUrl: url, message } of messages) {
      const definition = findDefinition(url);
      if (definition === undefined || message === undefined) continue;
      for (const signer of definition.signers(message)) signers.add(requireAccountText(signer, prefix));
    }
    if (fee !== undefined && fee.payer !== "") {
      signers.add(accountText(fee.payer, prefix) ?? refusePayer(fee.payer));
    }
  } catch (error) {
    if (error instanceof Refusal) return { signers: [...signers], signersFault: error };
    throw error;
  }
  return { signers: [...signers], signersFault: undefined };
}

function refusePayer(payer: string): never {
  throw sdkRefusal("invalidAddress", `invalid fee payer address "${payer.slice(0, 120)}"`);
}

/** Type URLs of the messages and of those inside MsgExec: all of them are paid for. */
export function pricedTypes(messages: readonly { readonly typeUrl: string; readonly value?: Uint8Array }[]): string[] {
  return messages.flatMap(({ typeUrl: url, value }) => {
    if (url !== typeUrl(cosmos.authz.MsgExecSchema) || value === undefined) return [url];
    return [url, ...pricedTypes(decoded(cosmos.authz.MsgExecSchema, value).msgs)];
  });
}
