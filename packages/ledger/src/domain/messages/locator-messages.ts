import { create } from "@bufbuild/protobuf";
import { type AccountPrefix, utf8Encode } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { accountText, isAccount, keyOfAccount, requireAccountText } from "../addresses.ts";
import { typedEvent } from "../events.ts";
import { parseGoUrl } from "../go-url.ts";
import type { MessageContext } from "../message-context.ts";
import { emitCompleted } from "../metadata-store.ts";
import { requireSome } from "../metadata-validation.ts";
import { plainRefusal, sdkRefusal } from "../refusal.ts";
import { define } from "./definition.ts";

/** In bytes, by the parameters of a fresh genesis. */
export const LOCATOR_URI_LENGTH_MAX = 2048;

type WithLocator = { readonly locator?: metadata.ObjectStoreLocator | undefined };

function locatorOf(message: WithLocator): metadata.ObjectStoreLocator {
  if (message.locator === undefined) throw plainRefusal("a locator is required");
  return message.locator;
}

function signers(message: WithLocator): readonly string[] {
  return [message.locator?.owner ?? ""];
}

function validate<M extends WithLocator>(message: M, prefix: AccountPrefix): M {
  const { owner, locatorUri, encryptionKey } = locatorOf(message);
  requireSome(isAccount(owner, prefix), "failed to add locator for a given owner address, invalid address");
  requireSome(locatorUri.trim() !== "", "failed to locate uri: uri cannot be empty");
  requireSome(parseGoUrl(locatorUri) !== undefined, "failed to add locator for a given owner address, invalid uri");
  const keyFits = encryptionKey.trim() === "" || isAccount(encryptionKey, prefix);
  requireSome(keyFits, "failed to add locator for a given owner address, invalid encryption key address");
  return message;
}

/** The text to keep, which is not always the one that was given. A scheme and a host are required. */
function checkedUri(text: string): string {
  const uri = parseGoUrl(text);
  if (uri === undefined || uri.scheme === "" || uri.host === "") {
    throw sdkRefusal("invalidRequest", "uri is invalid: a scheme and a host are required");
  }
  if (utf8Encode(text).length > LOCATOR_URI_LENGTH_MAX) {
    throw sdkRefusal("invalidRequest", "uri length greater than allowed");
  }
  return uri.text;
}

const events = {
  created: metadata.EventOSLocatorCreatedSchema,
  updated: metadata.EventOSLocatorUpdatedSchema,
  deleted: metadata.EventOSLocatorDeletedSchema,
};

function emit(context: MessageContext, what: keyof typeof events, owner: string): void {
  context.events.push(typedEvent(events[what], { owner }));
}

/** As it is kept, with addresses in their usual text. */
function stored(given: metadata.ObjectStoreLocator, prefix: AccountPrefix): metadata.ObjectStoreLocator {
  return create(metadata.ObjectStoreLocatorSchema, {
    owner: accountText(given.owner, prefix) ?? "",
    locatorUri: checkedUri(given.locatorUri),
    encryptionKey: accountText(given.encryptionKey, prefix) ?? "",
  });
}

/** `MsgBindOSLocatorRequest`: the owner's first locator. */
export const bindLocator = define({
  schema: metadata.MsgBindOSLocatorRequestSchema,
  response: metadata.MsgBindOSLocatorResponseSchema,
  signers,
  validate,
  run: (context, message) => {
    const given = locatorOf(message);
    const key = keyOfAccount(given.owner);
    if (context.branch.has("locators", key)) {
      throw sdkRefusal("invalidRequest", "locator is already bound to an uri");
    }
    const locator = stored(given, context.block.accountPrefix);
    if (!context.branch.has("accounts", key)) throw sdkRefusal("invalidRequest", "owner account does not exist");
    context.branch.set("locators", key, locator);
    emit(context, "created", locator.owner);
    emitCompleted(context, "BindOSLocator", [given.owner]);
    return { locator: given };
  },
});

/** `MsgModifyOSLocatorRequest`: another in the place of the owner's. */
export const modifyLocator = define({
  schema: metadata.MsgModifyOSLocatorRequestSchema,
  response: metadata.MsgModifyOSLocatorResponseSchema,
  signers,
  validate,
  run: (context, message) => {
    const given = locatorOf(message);
    requireBound(context, given.owner);
    const locator = stored(given, context.block.accountPrefix);
    context.branch.set("locators", keyOfAccount(given.owner), locator);
    emit(context, "updated", locator.owner);
    emitCompleted(context, "ModifyOSLocator", [given.owner]);
    return { locator: given };
  },
});

/** `MsgDeleteOSLocatorRequest`: the owner has none any more. */
export const deleteLocator = define({
  schema: metadata.MsgDeleteOSLocatorRequestSchema,
  response: metadata.MsgDeleteOSLocatorResponseSchema,
  signers,
  validate,
  run: (context, message) => {
    const given = locatorOf(message);
    requireBound(context, given.owner);
    context.branch.delete("locators", keyOfAccount(given.owner));
    emit(context, "deleted", requireAccountText(given.owner, context.block.accountPrefix));
    emitCompleted(context, "DeleteOSLocator", [given.owner]);
    return { locator: given };
  },
});

/** The original's text speaks of an address already bound here too. */
function requireBound(context: MessageContext, owner: string): void {
  if (!context.branch.has("locators", keyOfAccount(owner))) {
    throw sdkRefusal("invalidRequest", "locator is not bound (the chain says: already bound to an uri)");
  }
}
