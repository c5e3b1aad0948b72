import * as metadata from "@p8e/proto/metadata";
import { metadataText } from "../addresses.ts";
import { scopeIdInfo } from "../id-info.ts";
import type { MessageContext } from "../message-context.ts";
import { emitCompleted, findScope, putScope, removeScope, setNetAssetValue } from "../metadata-store.ts";
import {
  idFromUuid,
  mergeId,
  requireAccount,
  requireKind,
  requireSignersGiven,
  requireSome,
  validateParties,
  validateScope,
} from "../metadata-validation.ts";
import { isSameParty, roleName } from "../parties.ts";
import { asInvalidRequest, plainRefusal, sdkRefusal } from "../refusal.ts";
import { checkDeleteScope, checkOwners, checkWriteScope, requireScopeOwners } from "../scope-rules.ts";
import { define } from "./definition.ts";

const signers = (message: { readonly signers: readonly string[] }): readonly string[] => message.signers;

/** `MsgWriteScopeRequest` */
export const writeScope = define({
  schema: metadata.MsgWriteScopeRequestSchema,
  response: metadata.MsgWriteScopeResponseSchema,
  signers,
  validate: (message, prefix) => {
    requireSignersGiven(message.signers);
    const given = scopeOf(message);
    const scope: metadata.Scope = {
      ...given,
      scopeId: mergeId(given.scopeId, idFromUuid(0x00, message.scopeUuid, "scope"), "scope id"),
      specificationId: mergeId(given.specificationId, idFromUuid(0x04, message.specUuid, "spec"), "specification id"),
    };
    validateScope(scope, prefix);
    return { ...message, scope, scopeUuid: "", specUuid: "" };
  },
  run: (context, message) => {
    const scope = scopeOf(message);
    asInvalidRequest(() => checkWriteScope(context, scope, message.signers));
    if (message.usdMills > 0n) {
      const price = {
        $typeName: "cosmos.base.v1beta1.Coin" as const,
        denom: "usd",
        amount: message.usdMills.toString(),
      };
      setNetAssetValue(context, scope.scopeId, {
        $typeName: "provenance.metadata.v1.NetAssetValue",
        price,
        updatedBlockHeight: 0n,
        volume: 1n,
      });
    }
    putScope(context, scope);
    emitCompleted(context, "WriteScope", message.signers);
    return { scopeIdInfo: scopeIdInfo(scope.scopeId) };
  },
});

function scopeOf(message: metadata.MsgWriteScopeRequest): metadata.Scope {
  if (message.scope === undefined) throw plainRefusal("a scope is required");
  return message.scope;
}

function existingScope(context: MessageContext, id: Uint8Array): metadata.Scope {
  const scope = findScope(context.branch, id);
  if (scope === undefined) throw sdkRefusal("notFound", `scope not found with id ${metadataText(id)}`);
  return scope;
}

/** `MsgDeleteScopeRequest` */
export const deleteScope = define({
  schema: metadata.MsgDeleteScopeRequestSchema,
  response: metadata.MsgDeleteScopeResponseSchema,
  signers,
  validate: (message) => {
    requireSignersGiven(message.signers);
    requireKind(message.scopeId, "scope", "scope id");
    return message;
  },
  run: (context, message) => {
    const scope = asInvalidRequest(() => {
      const found = findScope(context.branch, message.scopeId);
      if (found === undefined) throw plainRefusal(`scope not found with id ${metadataText(message.scopeId)}`);
      checkDeleteScope(context, found, message.signers);
      return found;
    });
    removeScope(context, scope);
    emitCompleted(context, "DeleteScope", message.signers);
    return {};
  },
});

/** `MsgAddScopeDataAccessRequest` */
export const addScopeDataAccess = define({
  schema: metadata.MsgAddScopeDataAccessRequestSchema,
  response: metadata.MsgAddScopeDataAccessResponseSchema,
  signers,
  validate: (message, prefix) => {
    validateDataAccess(message, prefix);
    return message;
  },
  run: (context, message) => {
    const scope = existingScope(context, message.scopeId);
    asInvalidRequest(() => {
      for (const address of message.dataAccess) {
        if (scope.dataAccess.includes(address)) {
          throw plainRefusal(`address already exists for data access ${address}`);
        }
      }
      requireScopeOwners(context, scope, message.signers);
    });
    putScope(context, { ...scope, dataAccess: [...new Set([...scope.dataAccess, ...message.dataAccess])] });
    emitCompleted(context, "AddScopeDataAccess", message.signers);
    return {};
  },
});

/** `MsgDeleteScopeDataAccessRequest` */
export const deleteScopeDataAccess = define({
  schema: metadata.MsgDeleteScopeDataAccessRequestSchema,
  response: metadata.MsgDeleteScopeDataAccessResponseSchema,
  signers,
  validate: (message, prefix) => {
    validateDataAccess(message, prefix);
    return message;
  },
  run: (context, message) => {
    const scope = existingScope(context, message.scopeId);
    asInvalidRequest(() => {
      for (const address of message.dataAccess) {
        if (!scope.dataAccess.includes(address)) {
          throw plainRefusal(`address does not exist in scope data access: ${address}`);
        }
      }
      requireScopeOwners(context, scope, message.signers);
    });
    const dataAccess = scope.dataAccess.filter((address) => !message.dataAccess.includes(address));
    putScope(context, { ...scope, dataAccess });
    emitCompleted(context, "DeleteScopeDataAccess", message.signers);
    return {};
  },
});

function validateDataAccess(
  message: Pick<metadata.MsgAddScopeDataAccessRequest, "scopeId" | "dataAccess" | "signers">,
  prefix: Parameters<typeof requireAccount>[1],
): void {
  requireKind(message.scopeId, "scope", "scope id");
  requireSome(message.dataAccess.length > 0, "at least one data access address is required");
  for (const address of message.dataAccess) requireAccount(address, prefix, "data access address");
  requireSignersGiven(message.signers);
}

/** `MsgAddScopeOwnerRequest` */
export const addScopeOwner = define({
  schema: metadata.MsgAddScopeOwnerRequestSchema,
  response: metadata.MsgAddScopeOwnerResponseSchema,
  signers,
  validate: (message, prefix) => {
    requireKind(message.scopeId, "scope", "scope id");
    validateParties(message.owners, prefix, "invalid owners");
    requireSignersGiven(message.signers);
    return message;
  },
  run: (context, message) => {
    const scope = existingScope(context, message.scopeId);
    for (const owner of message.owners) {
      if (scope.owners.some((known) => isSameParty(known, owner))) {
        throw plainRefusal(`party already exists with address ${owner.address} and role ${roleName(owner.role)}`);
      }
    }
    changeOwners(context, scope, [...scope.owners, ...message.owners], message.signers);
    emitCompleted(context, "AddScopeOwner", message.signers);
    return {};
  },
});

/** `MsgDeleteScopeOwnerRequest` */
export const deleteScopeOwner = define({
  schema: metadata.MsgDeleteScopeOwnerRequestSchema,
  response: metadata.MsgDeleteScopeOwnerResponseSchema,
  signers,
  validate: (message, prefix) => {
    requireKind(message.scopeId, "scope", "scope id");
    requireSome(message.owners.length > 0, "at least one owner address is required");
    for (const owner of message.owners) requireAccount(owner, prefix, "owner address");
    requireSignersGiven(message.signers);
    return message;
  },
  run: (context, message) => {
    const scope = existingScope(context, message.scopeId);
    for (const address of message.owners) {
      if (!scope.owners.some((owner) => owner.address === address)) {
        throw plainRefusal(`address does not exist in scope owners: ${address}`);
      }
    }
    const left = scope.owners.filter(({ address }) => !message.owners.includes(address));
    changeOwners(context, scope, left, message.signers);
    emitCompleted(context, "DeleteScopeOwner", message.signers);
    return {};
  },
});

function changeOwners(
  context: MessageContext,
  scope: metadata.Scope,
  owners: metadata.Party[],
  given: readonly string[],
): void {
  asInvalidRequest(() => checkOwners(context, scope, owners, given));
  putScope(context, { ...scope, owners });
}
