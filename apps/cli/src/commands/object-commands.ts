import { once } from "node:events";
import { stat } from "node:fs/promises";
import process from "node:process";
import { parseContentHash } from "@p8e/core";
import { publicKeyFromBase64 } from "@p8e/crypto";
import { findParty, openParty } from "@p8e/environment";
import { fileSource } from "@p8e/object-client";
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
