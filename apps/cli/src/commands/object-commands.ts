import { once } from "node:events";
import { stat } from "node:fs/promises";
import process from "node:process";
import { P8eError, parseContentHash } from "@p8e/core";
import { publicKeyFromBase64 } from "@p8e/crypto";
import { findParty, openParty, requireEnvironment, storeVariables } from "@p8e/environment";
import { fileSource } from "@p8e/object-client";
import { inspectObject, openStoreReader, parseStoreConfiguration } from "@p8e/object-store";
import type { CommandContext } from "../command-context.ts";
import { nameOfKey } from "../names.ts";
import { formatSize, shorten } from "../terminal/format.ts";

const UNKNOWN_SIGNER = "nobody here knows the signer; name the one you expect with --from";

export async function put(
  { screen, dataDir, signal }: CommandContext,
  file: string,
  options: { readonly store: string; readonly for: readonly string[] },
): Promise<void> {
  await using party = await openParty(dataDir, options.store, { signal });
  const audience = options.for.map((name) => publicKeyFromBase64(findParty(party.file, name).encryptionKey));
  const source = await fileSource(file);
  const readers = [party.entry.title, ...options.for.map((name) => findParty(party.file, name).title)];
  const receipt = await screen.step(
    `encrypting ${file}`,
    (onProgress) =>
      party.store.put(source, {
        owner: party.keys.encryption.publicKey,
        signer: party.keys.signing,
        audience,
        signal,
        onProgress,
      }),
    () => `${file}: ${formatSize(source.sizeBytes)} encrypted for ${readers.join(" and ")}, stored durably`,
  );
  screen.facts([
    ["hash", receipt.hash],
    ["store", `${party.entry.storeUrl} (${party.entry.title})`],
    ["read it with", `npx p8e get ${receipt.hash} --as ${options.for[0] ?? options.store} --out FILE`],
  ]);
  screen.result({ ...receipt, readers: [options.store, ...options.for] });
}

export async function get(
  { screen, dataDir, signal }: CommandContext,
  hashText: string,
  options: { readonly as: string; readonly out?: string; readonly from?: string },
): Promise<void> {
  const hash = parseContentHash(hashText);
  await using party = await openParty(dataDir, options.as, { signal });
  const expectedSigners =
    options.from === undefined ? [] : [publicKeyFromBase64(findParty(party.file, options.from).signingKey)];
  const getOptions = {
    key: party.keys.encryption,
    signal,
    ...(expectedSigners.length === 0 ? {} : { expectedSigners }),
  };
  if (options.out === undefined) {
    await using object = await party.store.get(hash, getOptions);
    if (nameOfKey(party.file, object.signer.base64) === undefined) screen.warn(UNKNOWN_SIGNER);
    if (screen.json) {
      screen.result({ hash, bytes: await object.bytes(), signer: object.signer.base64 });
      return;
    }
    for await (const chunk of object.read(signal)) {
      if (!process.stdout.write(chunk)) await once(process.stdout, "drain", { signal });
    }
    return;
  }
  const { out } = options;
  const report = await screen.step(
    `fetching ${shorten(hash)}`,
    (onProgress) => party.store.getToFile(hash, out, { ...getOptions, onProgress }),
    (done) => `${formatSize(done.plaintextBytes)} decrypted to ${out}; hash and signature are right`,
  );
  const signer = nameOfKey(party.file, report.signer.base64);
  screen.facts([["signed by", signer ?? `an unknown key, ${shorten(report.signer.base64)}`]]);
  if (signer === undefined) screen.warn(UNKNOWN_SIGNER);
  const { size } = await stat(out);
  screen.result({ hash, out, size, signer: report.signer.base64, signerName: signer });
}

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
