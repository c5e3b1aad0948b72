import { P8eError } from "@p8e/core";
import { inspectObject, openStoreReader } from "@p8e/object-store/inspection";
import type { CommandContext } from "../command-context.ts";
import { hashInStore } from "./hash-named.ts";
import { lastNamedOr } from "./last-named.ts";
import { storeOf } from "./store-of.ts";

/**
 * What a store's database says of an object: the store of the profile, or without one the database that the DB_ variables
 * name.
 * @throws `configuration.invalid` when no database is named, `object.not_found`
 */
export async function lookIntoStore(context: CommandContext, hashText: string, name: string | undefined) {
  const { configuration, title, nameOf, partyOf, sayWhose } = await storeOf(context, name);
  await using reader = await openStoreReader(configuration.database).catch(sayWhose);
  const hash = await hashInStore(reader, await lastNamedOr(context, hashText, "hash"));
  const objects = await inspectObject(reader, hash);
  const [first, ...rest] = objects;
  if (first === undefined) {
    throw new P8eError("object.not_found", "this store has no object with that hash", { facts: { hash } });
  }
  return { objects: [first, ...rest] as const, title, nameOf, partyOf };
}
