import { base64Encode, hexEncode, utf8Encode } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import {
  keyOfAccount,
  metadataBytes,
  metadataText,
  metadataTextOfKey,
  moduleAddress,
  requireAccountText,
} from "../addresses.ts";
import { isBlocked, transfer } from "../bank.ts";
import { type Coins, isDenomination, parseAmount } from "../coins.ts";
import { event } from "../events.ts";
import type { MessageContext } from "../message-context.ts";
import { emitCompleted, findScope, setNetAssetValue, valueOwnerOf, withoutCode } from "../metadata-store.ts";
import { requireAccount, requireKind, requireSignersGiven, requireSome } from "../metadata-validation.ts";
import { addressesOf, requireSigners, requireValueOwnersSigned } from "../parties.ts";
import { asInvalidRequest, plainRefusal, sdkRefusal } from "../refusal.ts";
import { requireScopeOwners } from "../scope-rules.ts";
import { define } from "./definition.ts";

const signers = (message: { readonly signers: readonly string[] }): readonly string[] => message.signers;

/** `MsgUpdateValueOwnersRequest` */
export const updateValueOwners = define({
  schema: metadata.MsgUpdateValueOwnersRequestSchema,
  response: metadata.MsgUpdateValueOwnersResponseSchema,
  signers,
  validate: (message, prefix) => {
    requireSome(message.scopeIds.length > 0, "at least one scope id is required");
    for (const id of message.scopeIds) requireKind(id, "scope", "scope id");
    requireAccount(message.valueOwnerAddress, prefix, "value owner address");
    requireSignersGiven(message.signers);
    return message;
  },
  run: (context, message) => {
    const scopes = message.scopeIds.map((id) => metadataText(id));
    moveScopes(context, scopes, message.valueOwnerAddress, message.signers);
    emitCompleted(context, "UpdateValueOwners", message.signers);
    return {};
  },
});

/** `MsgMigrateValueOwnerRequest` */
export const migrateValueOwner = define({
  schema: metadata.MsgMigrateValueOwnerRequestSchema,
  response: metadata.MsgMigrateValueOwnerResponseSchema,
  signers,
  validate: (message, prefix) => {
    requireAccount(message.existing, prefix, "existing value owner address");
    requireAccount(message.proposed, prefix, "proposed value owner address");
    requireSignersGiven(message.signers);
    return message;
  },
  run: (context, message) => {
    const held = `${keyOfAccount(message.existing)}/`;
    const scopes: string[] = [];
    for (const [key] of context.branch.entries("balances", `${held}nft/scope1`)) {
      scopes.push(key.slice(held.length + "nft/".length));
    }
    if (scopes.length === 0) {
      throw sdkRefusal("notFound", `no scopes found with value owner "${message.existing}"`);
    }
    moveScopes(context, scopes, message.proposed, message.signers);
    emitCompleted(context, "MigrateValueOwner", message.signers);
    return {};
  },
});

/** `scopes` as bech32 text. One transfer for each holder, in the order in which they first appear. */
function moveScopes(
  context: MessageContext,
  scopes: readonly string[],
  proposed: string,
  given: readonly string[],
): void {
  const byHolder = new Map<string, string[]>();
  asInvalidRequest(() => {
    for (const scope of scopes) {
      const bytes = metadataBytes(scope, "scope");
      const holder = bytes === undefined ? undefined : valueOwnerOf(context.branch.state, bytes);
      if (holder === undefined) throw plainRefusal(`no account address associated with metadata address "${scope}"`);
      byHolder.set(holder, [...(byHolder.get(holder) ?? []), scope]);
    }
    if (new Set(scopes).size < scopes.length) throw plainRefusal("duplicate scope ids are not allowed");
    const kept = byHolder.get(proposed);
    if (kept !== undefined) {
      throw plainRefusal(`scope "${kept[0]}" already has the proposed value owner "${proposed}"`);
    }
    requireValueOwnersSigned(context, [...byHolder.keys()], proposed, given);
  });
  withoutCode("failure setting scope value owners", () => {
    if (isBlocked(context.branch.state, keyOfAccount(proposed))) {
      throw sdkRefusal("unauthorized", `new value owner ${proposed} is not allowed to receive funds`);
    }
    const to = requireAccountText(proposed, context.block.accountPrefix);
    for (const [holder, held] of byHolder) {
      if (holder === to) continue;
      const coins: Coins = held.sort().map((scope) => ({ denom: `nft/${scope}`, amount: 1n }));
      transfer(context, holder, to, coins);
    }
  });
}

/** `MsgAddNetAssetValuesRequest` */
export const addNetAssetValues = define({
  schema: metadata.MsgAddNetAssetValuesRequestSchema,
  response: metadata.MsgAddNetAssetValuesResponseSchema,
  signers,
  validate: (message, prefix) => {
    requireSome(message.netAssetValues.length > 0, "net asset value list cannot be empty");
    requireSome(metadataBytes(message.scopeId, "scope") !== undefined, "metadata address is not a scope address");
    const seen = new Set<string>();
    for (const value of message.netAssetValues) {
      const denom = value.price?.denom ?? "";
      // A price without a number counts as none.
      const amount = parseAmount(value.price?.amount || "0") ?? -1n;
      requireSome(isDenomination(denom) && amount >= 0n, "invalid net asset value price");
      requireSome(value.updatedBlockHeight === 0n, "scope net asset value must not have update height set");
      requireSome(!seen.has(denom), "list of net asset values contains duplicates");
      seen.add(denom);
    }
    for (const signer of message.signers) requireAccount(signer, prefix, "signer");
    return message;
  },
  run: (context, message) => {
    const id = scopeIdOf(message.scopeId);
    const scope = findScope(context.branch, id);
    if (scope === undefined) throw sdkRefusal("notFound", `scope not found: ${message.scopeId}`);
    try {
      requireSigners(context, addressesOf(scope.owners), message.signers);
    } catch (error) {
      throw sdkRefusal("unauthorized", error instanceof Error ? error.message : String(error));
    }
    for (const value of message.netAssetValues) {
      const denom = value.price?.denom ?? "";
      if (denom !== "usd" && denom !== "nhash") {
        throw sdkRefusal("invalidRequest", `net asset value denom does not exist: marker ${denom} not found`);
      }
      setNetAssetValue(context, id, value);
    }
    return {};
  },
});

function scopeIdOf(text: string): Uint8Array {
  const bytes = metadataBytes(text, "scope");
  if (bytes === undefined) throw sdkRefusal("invalidRequest", `not a scope address: "${text}"`);
  return bytes;
}

/** In bytes. */
const ACCOUNT_DATA_MAX = 10_000;

/** `MsgSetAccountDataRequest` */
export const setAccountData = define({
  schema: metadata.MsgSetAccountDataRequestSchema,
  response: metadata.MsgSetAccountDataResponseSchema,
  signers,
  validate: (message) => {
    requireKind(message.metadataAddr, "scope", "metadata address");
    requireSignersGiven(message.signers);
    return message;
  },
  run: (context, message) => {
    const key = hexEncode(message.metadataAddr);
    asInvalidRequest(() => {
      checkAccountData(context, message);
      if (utf8Encode(message.value).length > ACCOUNT_DATA_MAX)
        throw plainRefusal("account data value exceeds maximum length");
    });
    writeAccountData(context, key, message.value);
    return {};
  },
});

/** Account data is an attribute of the scope's address: a new value replaces the old one, an empty one removes it. */
function writeAccountData(context: MessageContext, key: string, value: string): void {
  const { branch, block, events } = context;
  const text = (given: string) => JSON.stringify(given);
  const account = text(metadataTextOfKey(key));
  const owner = text(moduleAddress("attribute", block.accountPrefix));
  const name = text("accountdata");
  if (branch.has("accountData", key)) {
    branch.delete("accountData", key);
    events.push(event("provenance.attribute.v1.EventAttributeDelete", { account, name, owner }));
  }
  if (value !== "") {
    branch.set("accountData", key, value);
    const encoded = text(base64Encode(utf8Encode(value)));
    const rest = { type: text("ATTRIBUTE_TYPE_STRING"), value: encoded };
    events.push(
      event("provenance.attribute.v1.EventAttributeAdd", { account, expiration: text(""), name, owner, ...rest }),
    );
  }
  events.push(event("provenance.attribute.v1.EventAccountDataUpdated", { account }));
}

function checkAccountData(context: MessageContext, message: metadata.MsgSetAccountDataRequest): void {
  const scope = findScope(context.branch, message.metadataAddr);
  if (scope === undefined) {
    if (message.value === "") return;
    throw plainRefusal(`scope not found with id ${metadataText(message.metadataAddr)}`);
  }
  requireScopeOwners(context, scope, message.signers);
}
