import process from "node:process";
import { P8eError, parseContentHash } from "@p8e/core";
import { findParty, requireEnvironment, storeVariables } from "@p8e/environment";
import { databaseVariables, inspectObject, openStoreReader, parseStoreConfiguration } from "@p8e/object-store";
import { nameOfKey } from "./names.ts";

/** The store of a party of the environment, or without a party the one that the DB_ variables name. */
export async function lookIntoStore(dataDir: string, hashText: string, name: string | undefined) {
  const hash = parseContentHash(hashText);
  const file = name === undefined ? undefined : await requireEnvironment(dataDir);
  const entry = file === undefined ? undefined : findParty(file, name!);
  if (entry === undefined && databaseVariables.every((variable) => process.env[variable] === undefined)) {
    throw new P8eError("configuration.invalid", "name a party's store with --store, or a database with DB_HOST …");
  }
  const configuration = parseStoreConfiguration(entry === undefined ? process.env : storeVariables(entry));
  await using reader = await openStoreReader(configuration.database);
  const objects = await inspectObject(reader, hash);
  if (objects.length === 0) {
    throw new P8eError("object.not_found", "this store has no object with that hash", { facts: { hash } });
  }
  return {
    objects,
    title: entry === undefined ? `the database ${configuration.database.name}` : `the store of ${entry.title}`,
    nameOf: (key: string) => (file === undefined ? undefined : nameOfKey(file, key)),
  };
}
