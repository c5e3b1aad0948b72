import { equalBytes } from "@p8e/core";
import type * as metadata from "@p8e/proto/metadata";
import { metadataText } from "./addresses.ts";
import type { MessageContext } from "./message-context.ts";
import { findScope, findScopeSpecification, valueOwnerOf } from "./metadata-store.ts";
import { validateOptionalParties, validateParties } from "./metadata-validation.ts";
import {
  addressesOf,
  isSameParty,
  requireAllSigned,
  requireContractSigners,
  requiredAddressesOf,
  requirePartiesSigned,
  requireProvenanceRole,
  requireRolesPresent,
  requireSigners,
  requireSignersWithParties,
  requireValueOwnersSigned,
  signersOf,
} from "./parties.ts";
import { plainRefusal } from "./refusal.ts";

/**
 * When a scope may be written, changed or deleted, and who must have signed (provenance: x/metadata/keeper/scope.go).
 * Every function refuses with plain text, which the handlers wrap into the code of their endpoint.
 */
/** For WriteScope: `proposed` as a whole against what is there. */
export function checkWriteScope(context: MessageContext, proposed: metadata.Scope, given: readonly string[]): void {
  const existing = findScope(context.branch, proposed.scopeId);
  const asksForOwner = existing !== undefined && proposed.valueOwnerAddress !== "";
  const holder = asksForOwner ? valueOwnerOf(context.branch.state, proposed.scopeId) : undefined;
  const changesHolder = holder !== undefined && holder !== proposed.valueOwnerAddress;
  const onlyHolderChanges = existing !== undefined && changesHolder && isSameScope(existing, proposed);
  const used = onlyHolderChanges
    ? new Set<string>()
    : checkScopeContent(context, existing, proposed, given, holder ?? "");
  const approvers = requireValueOwnersSigned(
    context,
    holder === undefined ? [] : [holder],
    proposed.valueOwnerAddress,
    given,
  );
  requireContractSigners(context, new Set([...approvers, ...used]), given);
}

function checkScopeContent(
  context: MessageContext,
  existing: metadata.Scope | undefined,
  proposed: metadata.Scope,
  given: readonly string[],
  holder: string,
): Set<string> {
  const roles = rolesOfScopeSpecification(context, proposed.specificationId);
  requireRolesPresent(proposed.owners, roles);
  requireProvenanceRole(context, proposed.owners);
  if (existing === undefined) return new Set();
  if (existing.requirePartyRollup) {
    return signersOf(requirePartiesSigned(context, existing.owners, existing.owners, roles, given));
  }
  const same = isSameScope(existing, proposed) && holder === proposed.valueOwnerAddress;
  return same ? new Set() : requireAllSigned(context, addressesOf(existing.owners), given);
}

/** Equal but for the value owner; owners and data access as sets. */
function isSameScope(left: metadata.Scope, right: metadata.Scope): boolean {
  const sameOwners =
    left.owners.length === right.owners.length &&
    left.owners.every((owner) =>
      right.owners.some((other) => isSameParty(owner, other) && owner.optional === other.optional),
    );
  const sameAccess =
    left.dataAccess.length === right.dataAccess.length &&
    left.dataAccess.every((address) => right.dataAccess.includes(address)) &&
    right.dataAccess.every((address) => left.dataAccess.includes(address));
  return (
    sameOwners &&
    sameAccess &&
    equalBytes(left.specificationId, right.specificationId) &&
    left.requirePartyRollup === right.requirePartyRollup
  );
}

function rolesOfScopeSpecification(context: MessageContext, id: Uint8Array): readonly metadata.PartyType[] {
  const specification = findScopeSpecification(context.branch, id);
  if (specification === undefined) throw plainRefusal(`scope specification ${metadataText(id)} not found`);
  return specification.partiesInvolved;
}

/** Who signs when something about a scope changes that is not written with WriteScope. */
export function requireScopeOwners(context: MessageContext, scope: metadata.Scope, given: readonly string[]): void {
  if (!scope.requirePartyRollup) {
    requireSigners(context, addressesOf(scope.owners), given);
    return;
  }
  const roles = rolesOfScopeSpecification(context, scope.specificationId);
  requireSignersWithParties(context, scope.owners, scope.owners, roles, given);
}

/** Who must have signed that a scope is deleted. */
export function checkDeleteScope(context: MessageContext, scope: metadata.Scope, given: readonly string[]): void {
  const specification = findScopeSpecification(context.branch, scope.specificationId);
  let used: Set<string>;
  if (!scope.requirePartyRollup) used = requireAllSigned(context, addressesOf(scope.owners), given);
  else if (specification === undefined) used = requireAllSigned(context, requiredAddressesOf(scope.owners), given);
  else {
    const roles = specification.partiesInvolved;
    used = signersOf(requirePartiesSigned(context, scope.owners, scope.owners, roles, given));
  }
  const holder = valueOwnerOf(context.branch.state, scope.scopeId);
  const approvers = requireValueOwnersSigned(context, holder === undefined ? [] : [holder], "", given);
  requireContractSigners(context, new Set([...approvers, ...used]), given);
}

/** For a change of the owners alone. */
export function checkOwners(
  context: MessageContext,
  scope: metadata.Scope,
  owners: metadata.Party[],
  given: readonly string[],
): void {
  validateParties(owners, context.block.accountPrefix, "invalid scope owners");
  validateOptionalParties(scope.requirePartyRollup, owners);
  const roles = rolesOfScopeSpecification(context, scope.specificationId);
  requireRolesPresent(owners, roles);
  requireProvenanceRole(context, owners);
  if (!scope.requirePartyRollup) {
    requireSigners(context, addressesOf(scope.owners), given);
  } else {
    const entries = requirePartiesSigned(context, scope.owners, scope.owners, roles, given);
    requireContractSigners(context, signersOf(entries), given);
  }
}
