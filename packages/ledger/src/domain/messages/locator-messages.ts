import { create } from "@bufbuild/protobuf";
import type { AccountPrefix } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { isAccount, keyOfAccount } from "../addresses.ts";
import { typedEvent } from "../events.ts";
import type { MessageContext } from "../message-context.ts";
import { emitCompleted } from "../metadata-store.ts";
import { requireSome } from "../metadata-validation.ts";
import { plainRefusal, sdkRefusal } from "../refusal.ts";
import { define } from "./definition.ts";

export const LOCATOR_URI_LENGTH_MAX = 2048;

type WithLocator = { readonly locator?: metadata.ObjectStoreLocator | undefined };

function locatorOf(message: WithLocator): metadata.ObjectStoreLocator {
  if (message.locator === undefined) throw plainRefusal("a locator is required");
  return message.locator;
}

function signers(message: WithLocator): readonly string[] {
  return message.locator === undefined ? [] : [message.locator.owner];
}

function validate<M extends WithLocator>(message: M, prefix: AccountPrefix): M {
  const { owner, locatorUri, encryptionKey } = locatorOf(message);
  requireSome(isAccount(owner, prefix), "failed to add locator for a given owner address, invalid address");
  requireSome(locatorUri.trim() !== "", "failed to locate uri: uri cannot be empty");
  requireSome(parsableUri(locatorUri), "failed to add locator for a given owner address, invalid uri");
  const keyFits = encryptionKey.trim() === "" || isAccount(encryptionKey, prefix);
  requireSome(keyFits, "failed to add locator for a given owner address, invalid encryption key address");
  return message;
}

/** What Go's url.Parse refuses of the texts that matter here: control characters, bad escapes, a bare colon start. */
function parsableUri(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text) || /^:/.test(text)) return false;
  return !/%(?![0-9a-fA-F]{2})/.test(text);
}

/** The text to store: scheme in lower case, other characters than a URI has escaped. A scheme and a host are required. */
function checkedUri(text: string): string {
  if (text.length > LOCATOR_URI_LENGTH_MAX) throw sdkRefusal("invalidRequest", "uri length greater than allowed");
  if (!/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#]+/.test(text)) {
    throw sdkRefusal("invalidRequest", "uri is invalid: a scheme and a host are required");
  }
  const scheme = text.slice(0, text.indexOf(":"));
  return `${scheme.toLowerCase()}${text.slice(scheme.length).replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@%/?#[\]]+/gu, encodeURIComponent)}`;
}

const events = {
  created: metadata.EventOSLocatorCreatedSchema,
  updated: metadata.EventOSLocatorUpdatedSchema,
  deleted: metadata.EventOSLocatorDeletedSchema,
};

function emit(context: MessageContext, what: keyof typeof events, owner: string): void {
  context.events.push(typedEvent(events[what], { owner }));
}

function stored(given: metadata.ObjectStoreLocator): metadata.ObjectStoreLocator {
  return create(metadata.ObjectStoreLocatorSchema, {
    owner: given.owner,
    locatorUri: checkedUri(given.locatorUri),
    encryptionKey: given.encryptionKey.trim(),
  });
}

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
    const locator = stored(given);
    if (!context.branch.has("accounts", key)) throw sdkRefusal("invalidRequest", "owner account does not exist");
    context.branch.set("locators", key, locator);
    emit(context, "created", given.owner);
    emitCompleted(context, "BindOSLocator", [given.owner]);
    return { locator: given };
  },
});

export const modifyLocator = define({
  schema: metadata.MsgModifyOSLocatorRequestSchema,
  response: metadata.MsgModifyOSLocatorResponseSchema,
  signers,
  validate,
  run: (context, message) => {
    const given = locatorOf(message);
    requireBound(context, given.owner);
    context.branch.set("locators", keyOfAccount(given.owner), stored(given));
    emit(context, "updated", given.owner);
    emitCompleted(context, "ModifyOSLocator", [given.owner]);
    return { locator: given };
  },
});

export const deleteLocator = define({
  schema: metadata.MsgDeleteOSLocatorRequestSchema,
  response: metadata.MsgDeleteOSLocatorResponseSchema,
  signers,
  validate,
  run: (context, message) => {
    const given = locatorOf(message);
    requireBound(context, given.owner);
    context.branch.delete("locators", keyOfAccount(given.owner));
    emit(context, "deleted", given.owner);
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
