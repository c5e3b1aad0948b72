import { once } from "node:events";
import { stat } from "node:fs/promises";
import process from "node:process";
import { parseContentHash } from "@p8e/core";
import { publicKeyFromBase64 } from "@p8e/crypto";
import { findParty, openParty, requireEnvironmentFile } from "@p8e/environment";
import { fileSource } from "@p8e/object-client";
import { inspectObject, type ObjectInspection } from "@p8e/object-store";
import type { CommandContext } from "../command-context.ts";
import { nameOfKey } from "../names.ts";
import { formatSize, shorten } from "../terminal/format.ts";

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
  if (signer === undefined) screen.warn("nobody here knows the signer; name the one you expect with --from");
  const { size } = await stat(out);
  screen.result({ hash, out, size, signer: report.signer.base64, signerName: signer });
}

export async function inspect(
  { screen, dataDir }: CommandContext,
  hashText: string,
  options: { readonly store: string },
): Promise<void> {
  const { file, entry, objects } = await look(dataDir, hashText, options.store);
  for (const object of objects) {
    screen.heading(`Object ${object.hash} in the store of ${entry.title}`);
    screen.facts([
      ["object", object.uuid],
      ["stored", object.createdAt],
      ["plaintext", formatSize(object.contentLength)],
      ["as stored", `${formatSize(object.dimeLength)}, encrypted`],
      ["lies in", object.location.kind === "file" ? object.location.path : "the database"],
      ["owner", nameOfKey(file, object.owner ?? "") ?? object.owner],
      ["mail", object.mailType],
    ]);
    screen.table(
      ["can read", "key"],
      object.audience.map((key) => [nameOfKey(file, key) ?? "unknown", shorten(key, 24)]),
    );
  }
  screen.note("The store knows these keys and sizes; it cannot decrypt the content.");
  screen.result(objects);
}

export async function why(
  { screen, dataDir }: CommandContext,
  hashText: string,
  options: { readonly store: string },
): Promise<void> {
  const { file, entry, objects } = await look(dataDir, hashText, options.store);
  for (const object of objects) {
    screen.heading(`Where ${shorten(object.hash, 20)} went from the store of ${entry.title}`);
    screen.table(
      ["key of", "state", "why"],
      object.replication.map((each) => [nameOfKey(file, each.key) ?? shorten(each.key, 16), each.state, each.reason]),
    );
  }
  screen.result(objects.map(({ uuid, hash, replication }) => ({ uuid, hash, replication })));
}

async function look(dataDir: string, hashText: string, name: string) {
  const hash = parseContentHash(hashText);
  const file = await requireEnvironmentFile(dataDir);
  const entry = findParty(file, name);
  const objects: readonly ObjectInspection[] = await inspectObject(
    { ...entry.database, storagePath: entry.storagePath },
    hash,
  );
  return { file, entry, objects };
}
