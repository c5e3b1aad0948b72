import assert from "node:assert/strict";
import { chmodSync, cpSync, globSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parseMetadataAddress, utf8Encode } from "@p8e/core";
import { serveLedger } from "@p8e/environment";
import { type LocatedProfile, openParty, readProfile, readStoreFile } from "@p8e/party";
import { readScope } from "@p8e/sdk";

/** The scope that the party of the folder wrote. */
const SCOPE = "scope1qz554ygw7wnysudqdl8takn3gj4s4d8dvk";

/** A folder of the first version whose formats are kept. What fails here is a promise that was broken. */
describe("the folder of the first kept version", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-first-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(fileURLToPath(new URL("./fixtures/first-folder", import.meta.url)), folder, { recursive: true });
  renameSync(join(folder, "dot-p8e"), join(folder, ".p8e"));
  // Version control keeps no permissions, and secrets that others can read are refused.
  for (const file of globSync(".p8e/{keys,store}/*", { cwd: folder })) chmodSync(join(folder, file), 0o600);

  it("has a profile with a partner, and the database of its store", async () => {
    const { profile } = await readProfile(join(folder, "p8e.json"));
    assert.equal(profile.party.name, "lender");
    assert.deepEqual(
      profile.partners.map(({ name, title }) => [name, title]),
      [["bank", "Bank"]],
    );
    const store = await readStoreFile(join(folder, ".p8e/store"));
    assert.equal(store?.database.name, "object-store");
    assert.equal(store?.storagePath, join(folder, ".p8e/store/objects"));
  });

  it("has keys, the ledger with its scope, and the session that wrote it", async () => {
    const located = await readProfile(join(folder, "p8e.json"));
    await using ledger = await serveLedger({
      dataDir: join(folder, ".p8e/ledger"),
      network: located.profile.network,
      listen: { host: "127.0.0.1", port: 0 },
      faucet: false,
    });
    const node = { url: `grpc://127.0.0.1:${ledger.port}` };
    const here: LocatedProfile = { ...located, profile: { ...located.profile, node } };
    await using party = openParty(here, { variables: {}, passphrase: async () => utf8Encode("first folder") });
    assert.equal((await party.keys()).signing.publicKey.base64, located.profile.party.signingKey);
    const scope = await readScope(await party.chain(), parseMetadataAddress(SCOPE, "scope"));
    assert.deepEqual(
      scope.records.map((record) => record.name),
      ["greeting"],
    );
    const executions = await (await party.state()).list(["committed"]);
    assert.deepEqual(
      executions.map(({ contract }) => contract),
      ["example.hello.Greet"],
    );
  });
});
