import process from "node:process";
import { P8eError, parseContentHash } from "@p8e/core";
import { findParty, requireEnvironment, storeVariables } from "@p8e/environment";
import { inspectObject, openStoreReader, parseStoreConfiguration } from "@p8e/object-store";
import type { CommandContext } from "../command-context.ts";
import { nameOfKey } from "../names.ts";
import { formatSize, shorten } from "../terminal/format.ts";

export async function inspect(
  { screen, dataDir }: CommandContext,
  hashText: string,
  options: { readonly store?: string },
): Promise<void> {
  const { nameOf, title, objects } = await look(dataDir, hashText, options.store);
  for (const object of objects) {
    screen.heading(`${object.hash} in ${title}`);
    screen.facts([
      ["object", object.uuid],
      ["stored", new Date(object.createdAt).toISOString()],
      ["plaintext", formatSize(object.contentLength)],
      ["as stored", `${formatSize(object.storedLength)}, encrypted`],
      ["lies in", object.place.kind === "file" ? `${object.place.directory}/${object.place.name}` : "the database"],
      ["came from", object.replica ? "another store" : "a client of this store"],
      ["checksums", object.checked ? "kept, and checked on every read" : "none: another server stored it"],
    ]);
    screen.table(
      ["can read", "mail", "replication"],
      object.readers.map(({ key, mail, replication }) => [
        nameOf(key) ?? shorten(key, 24),
        mail === undefined ? "" : `${mail.type}${mail.acknowledgedAt === undefined ? ", unread" : ", acknowledged"}`,
        replication.status,
      ]),
    );
  }
  screen.note("The store knows these keys and sizes; it cannot decrypt the content.");
  screen.result(objects);
}

export async function why(
  { screen, dataDir }: CommandContext,
  hashText: string,
  options: { readonly store?: string },
): Promise<void> {
  const { nameOf, title, objects } = await look(dataDir, hashText, options.store);
  for (const object of objects) {
    screen.heading(`Where ${shorten(object.hash, 20)} went from ${title}`);
    screen.table(
      ["for", "state", "at", "why"],
      object.readers.map(({ key, replication }) => [
        nameOf(key) ?? shorten(key, 16),
        replication.status,
        replication.url ?? "",
        replication.reason,
      ]),
    );
  }
  screen.result(
    objects.map(({ uuid, hash, readers }) => ({
      ...{ uuid, hash },
      readers: readers.map(({ key, replication }) => ({ key, ...replication })),
    })),
  );
}

/** The store of a party of the environment, or without a party the one that the DB_ variables name. */
async function look(dataDir: string, hashText: string, name: string | undefined) {
  const hash = parseContentHash(hashText);
  const file = name === undefined ? undefined : await requireEnvironment(dataDir);
  const entry = file === undefined ? undefined : findParty(file, name!);
  const configuration = parseStoreConfiguration(entry === undefined ? process.env : storeVariables(entry));
  if (configuration.database.kind !== "server") {
    throw new P8eError("configuration.invalid", "name a party's store with --store, or a database with DB_HOST …");
  }
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
