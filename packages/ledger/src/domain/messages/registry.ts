import * as metadata from "@p8e/proto/metadata";
import { typeUrl } from "../any.ts";
import { plainRefusal } from "../refusal.ts";
import { execMessage, grantMessage, revokeMessage } from "./authz-messages.ts";
import { multiSend, send } from "./bank-messages.ts";
import { define, type MessageDefinition } from "./definition.ts";
import { grantAllowance, revokeAllowance } from "./feegrant-messages.ts";
import { bindLocator, deleteLocator, modifyLocator } from "./locator-messages.ts";
import {
  addScopeDataAccess,
  addScopeOwner,
  deleteScope,
  deleteScopeDataAccess,
  deleteScopeOwner,
  writeScope,
} from "./scope-messages.ts";
import { deleteRecord, writeRecord, writeSession } from "./session-messages.ts";
import {
  addContractSpecToScopeSpec,
  deleteContractSpecFromScopeSpec,
  deleteContractSpecification,
  deleteRecordSpecification,
  deleteScopeSpecification,
  writeContractSpecification,
  writeRecordSpecification,
  writeScopeSpecification,
} from "./specification-messages.ts";
import { addNetAssetValues, migrateValueOwner, setAccountData, updateValueOwners } from "./value-messages.ts";

function unusable(): never {
  throw plainRefusal("deprecated and unusable");
}

/** Messages of the original's first contract execution environment: decodable, never valid. */
const removed: readonly MessageDefinition[] = [
  define({
    schema: metadata.MsgWriteP8eContractSpecRequestSchema,
    response: metadata.MsgWriteP8eContractSpecResponseSchema,
    signers: (message) => message.signers,
    validate: unusable,
    run: unusable,
  }),
  define({
    schema: metadata.MsgP8eMemorializeContractRequestSchema,
    response: metadata.MsgP8eMemorializeContractResponseSchema,
    signers: (message) => [message.invoker],
    validate: unusable,
    run: unusable,
  }),
];

const all: readonly MessageDefinition[] = [
  writeScope,
  deleteScope,
  addScopeDataAccess,
  deleteScopeDataAccess,
  addScopeOwner,
  deleteScopeOwner,
  updateValueOwners,
  migrateValueOwner,
  writeSession,
  writeRecord,
  deleteRecord,
  writeScopeSpecification,
  deleteScopeSpecification,
  writeContractSpecification,
  deleteContractSpecification,
  addContractSpecToScopeSpec,
  deleteContractSpecFromScopeSpec,
  writeRecordSpecification,
  deleteRecordSpecification,
  bindLocator,
  modifyLocator,
  deleteLocator,
  setAccountData,
  addNetAssetValues,
  send,
  multiSend,
  grantMessage(findDefinition),
  revokeMessage,
  execMessage(findDefinition),
  grantAllowance,
  revokeAllowance,
  ...removed,
];

const byUrl: ReadonlyMap<string, MessageDefinition> = new Map(all.map((entry) => [typeUrl(entry.schema), entry]));

/** The definition of a message type the embedded ledger runs. */
export function findDefinition(url: string): MessageDefinition | undefined {
  return byUrl.get(url);
}
