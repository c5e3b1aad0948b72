import {
  create,
  createRegistry,
  type DescFile,
  type DescMessage,
  type Message,
  type MessageInitShape,
  type MessageShape,
  type Registry,
} from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { P8eError } from "@p8e/core";
import { packAny, unpackAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";

/** One message, packed, with the accounts that must sign for it. */
export interface LedgerMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
  readonly signers: readonly string[];
}

/** Any message this package knows the signers of. @throws `input.invalid` for other types */
export function ledgerMessage<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): LedgerMessage {
  const message = create(schema, init);
  return fromPacked(packAny(schema, message as MessageShape<Desc>));
}

/** A message as a transaction's bytes hold it. @throws `input.invalid` if its type is not one of those known here */
export function fromPacked(packed: Any): LedgerMessage {
  const type = messageTypes.get(packed.typeUrl);
  if (type === undefined) {
    throw new P8eError("input.invalid", "the signers of this message type are not known", {
      facts: { typeUrl: packed.typeUrl.slice(0, 200) },
    });
  }
  return { typeUrl: packed.typeUrl, value: packed.value, signers: type.signersOf(packed) };
}

/** Whether the signers of a type are known here. */
export function isKnownMessage(typeUrl: string): boolean {
  return messageTypes.has(typeUrl);
}

/** The messages known here, and all that they can hold: everything in their files and in those that these import. */
export function knownTypes(): Registry {
  const files = new Set<DescFile>();
  const collect = (file: DescFile): void => {
    if (files.has(file)) return;
    files.add(file);
    file.dependencies.forEach(collect);
  };
  for (const { schema } of messageTypes.values()) collect(schema.file);
  return createRegistry(...files);
}

/** The accounts that must sign, each once, in the order in which the messages name them. */
export function requiredSigners(messages: readonly LedgerMessage[]): readonly string[] {
  return [...new Set(messages.flatMap((message) => message.signers))];
}

interface MessageType {
  readonly schema: DescMessage;
  readonly signersOf: (packed: Any) => readonly string[];
}

function type<Desc extends DescMessage>(
  schema: Desc,
  signers: (message: MessageShape<Desc>) => readonly string[],
): readonly [string, MessageType] {
  return [`/${schema.typeName}`, { schema, signersOf: (packed) => signers(unpackAny(packed, schema)) }];
}

type Signed = Message & { readonly signers: readonly string[] };
const bySigners = (message: Message) => (message as Signed).signers;
const byLocator = (message: { readonly locator?: { readonly owner: string } | undefined }) => [
  message.locator?.owner ?? "",
];

const messageTypes: ReadonlyMap<string, MessageType> = new Map([
  ...[
    metadata.MsgWriteScopeRequestSchema,
    metadata.MsgDeleteScopeRequestSchema,
    metadata.MsgAddScopeDataAccessRequestSchema,
    metadata.MsgDeleteScopeDataAccessRequestSchema,
    metadata.MsgAddScopeOwnerRequestSchema,
    metadata.MsgDeleteScopeOwnerRequestSchema,
    metadata.MsgUpdateValueOwnersRequestSchema,
    metadata.MsgMigrateValueOwnerRequestSchema,
    metadata.MsgWriteSessionRequestSchema,
    metadata.MsgWriteRecordRequestSchema,
    metadata.MsgDeleteRecordRequestSchema,
    metadata.MsgWriteScopeSpecificationRequestSchema,
    metadata.MsgDeleteScopeSpecificationRequestSchema,
    metadata.MsgWriteContractSpecificationRequestSchema,
    metadata.MsgDeleteContractSpecificationRequestSchema,
    metadata.MsgAddContractSpecToScopeSpecRequestSchema,
    metadata.MsgDeleteContractSpecFromScopeSpecRequestSchema,
    metadata.MsgWriteRecordSpecificationRequestSchema,
    metadata.MsgDeleteRecordSpecificationRequestSchema,
    metadata.MsgSetAccountDataRequestSchema,
    metadata.MsgAddNetAssetValuesRequestSchema,
  ].map((schema) => type(schema as DescMessage, bySigners)),
  type(metadata.MsgBindOSLocatorRequestSchema, byLocator),
  type(metadata.MsgModifyOSLocatorRequestSchema, byLocator),
  type(metadata.MsgDeleteOSLocatorRequestSchema, byLocator),
  type(cosmos.bank.MsgSendSchema, (message) => [message.fromAddress]),
  type(cosmos.bank.MsgMultiSendSchema, (message) => message.inputs.map((input) => input.address)),
  type(cosmos.authz.MsgGrantSchema, (message) => [message.granter]),
  type(cosmos.authz.MsgRevokeSchema, (message) => [message.granter]),
  type(cosmos.authz.MsgExecSchema, (message) => [message.grantee]),
  type(cosmos.feegrant.MsgGrantAllowanceSchema, (message) => [message.granter]),
  type(cosmos.feegrant.MsgRevokeAllowanceSchema, (message) => [message.granter]),
]);
