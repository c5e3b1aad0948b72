import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { type AccountPrefix, transactionHash } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { isAccount } from "./addresses.ts";
import { typeUrl } from "./any.ts";
import { findDefinition, isOfOtherModule } from "./messages/registry.ts";
import { normalizeMetadataAddresses } from "./metadata-address-fields.ts";
import { panicRefusal, plainRefusal, sdkRefusal } from "./refusal.ts";
import { requireCanonicalEnvelope, requireKnownFields, type StrictOptions } from "./strict-wire.ts";

/** A transaction as it was read, with what was signed. */
export interface Transaction {
  readonly bytes: Uint8Array;
  /** Upper-case hexadecimal SHA-256 of the bytes. */
  readonly hash: string;
  readonly body: cosmos.tx.TxBody;
  readonly authInfo: cosmos.tx.AuthInfo;
  readonly fee: cosmos.tx.Fee;
  readonly bodyBytes: Uint8Array;
  readonly authInfoBytes: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  readonly messages: readonly DecodedMessage[];
  /** Who must sign, in the order of signer infos and signatures. The first pays unless another payer is named. */
  readonly signers: readonly string[];
}

export interface DecodedMessage {
  readonly typeUrl: string;
  /** Undefined for messages of modules that the embedded ledger leaves out. */
  readonly message: Message | undefined;
}

const otherTypes: ReadonlyMap<string, DescMessage> = new Map(
  [
    cosmos.secp256k1.PubKeySchema,
    cosmos.multisig.LegacyAminoPubKeySchema,
    cosmos.authz.GenericAuthorizationSchema,
    cosmos.authz.CountAuthorizationSchema,
    cosmos.feegrant.BasicAllowanceSchema,
    cosmos.feegrant.PeriodicAllowanceSchema,
    cosmos.feegrant.AllowedMsgAllowanceSchema,
  ].map((schema) => [typeUrl(schema), schema]),
);

/** Types a real node has and this one does not are opaque: they decode, and are refused later by name. */
function resolve(url: string): DescMessage | "opaque" | undefined {
  const known = findDefinition(url)?.schema ?? otherTypes.get(url);
  if (known !== undefined) return known;
  return isOfOtherModule(url) || /^\/cosmos\.(crypto|authz|feegrant)\./.test(url) ? "opaque" : undefined;
}

const body: StrictOptions = { resolve, allowNotCritical: true };
const strict: StrictOptions = { resolve, allowNotCritical: false };

/** @throws Refusal `sdk/2` for anything a real node does not decode */
export function decodeTransaction(bytes: Uint8Array, prefix: AccountPrefix): Transaction {
  requireCanonicalEnvelope(bytes);
  const raw = parse(cosmos.tx.TxRawSchema, bytes, strict);
  const txBody = parse(cosmos.tx.TxBodySchema, raw.bodyBytes, body);
  const authInfo = parse(cosmos.tx.AuthInfoSchema, raw.authInfoBytes, strict);
  if (authInfo.fee === undefined) throw panicRefusal("the transaction has no fee");
  const messages = txBody.messages.map(({ typeUrl: url, value }) => ({
    typeUrl: url,
    message: decodeMessage(url, value),
  }));
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
    signers: requiredSigners(messages, authInfo.fee, prefix),
  };
}

function parse<D extends DescMessage>(schema: D, bytes: Uint8Array, options: StrictOptions) {
  requireKnownFields(bytes, schema, options);
  try {
    return fromBinary(schema, bytes);
  } catch {
    throw sdkRefusal("transactionUndecodable", `malformed ${schema.typeName}`);
  }
}

/** @throws Refusal `sdk/2` */
function decodeMessage(url: string, value: Uint8Array): Message | undefined {
  const definition = findDefinition(url);
  if (definition === undefined) return undefined;
  try {
    const message = fromBinary(definition.schema, value);
    normalizeMetadataAddresses(definition.schema, message);
    return message;
  } catch (error) {
    if (error instanceof Error && error.name === "Refusal") throw error;
    throw sdkRefusal("transactionUndecodable", `malformed ${url}`);
  }
}

function requiredSigners(messages: readonly DecodedMessage[], fee: cosmos.tx.Fee, prefix: AccountPrefix): string[] {
  const signers = new Set<string>();
  for (const { typeUrl: url, message } of messages) {
    const definition = findDefinition(url);
    if (definition === undefined || message === undefined) continue;
    for (const signer of definition.signers(message)) signers.add(signer);
  }
  if (fee.payer !== "") signers.add(fee.payer);
  for (const signer of signers) {
    if (!isAccount(signer, prefix)) {
      throw plainRefusal(`invalid signer address "${signer.slice(0, 120)}"`);
    }
  }
  return [...signers];
}

/** Type URLs of the messages and of those inside MsgExec: all of them are paid for. */
export function pricedTypes(messages: readonly { readonly typeUrl: string; readonly value?: Uint8Array }[]): string[] {
  return messages.flatMap(({ typeUrl: url, value }) => {
    if (url !== typeUrl(cosmos.authz.MsgExecSchema) || value === undefined) return [url];
    return [url, ...pricedTypes(fromBinary(cosmos.authz.MsgExecSchema, value).msgs)];
  });
}
