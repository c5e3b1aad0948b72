import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { networks } from "@p8e/core";
import { accountAddress, generatePrivateKey, systemRandom } from "@p8e/crypto";
import {
  changeByCard,
  createProfile,
  type Profile,
  parsePartyName,
  readProfile,
  updateProfile,
  withPartner,
} from "@p8e/party";

const { local } = networks;

function described(name: string) {
  const key = generatePrivateKey(systemRandom).publicKey();
  const storeUrl = `grpc://${name}.example.com:8080`;
  const address = accountAddress(key, local.accountPrefix);
  return {
    name: parsePartyName(name),
    title: name,
    address,
    signingKey: key.base64,
    encryptionKey: key.base64,
    storeUrl,
  };
}

it("of many changes to a profile at once, none undoes another", async () => {
  const folder = await mkdtemp(join(tmpdir(), "p8e-update-"));
  after(() => rm(folder, { recursive: true, force: true }));
  const keys = { signing: "env:KEY", encryption: "env:KEY", signingPath: "m/0", encryptionPath: "m/0" };
  const profile: Profile = {
    ...{ party: described("own"), network: local, node: { url: "grpc://127.0.0.1:9090" } },
    ...{ keys, store: {}, partners: [] },
  };
  const located = await createProfile(folder, profile);
  const names = Array.from({ length: 8 }, (_, index) => `partner-${index}`);
  await Promise.all(
    names.map((name) => {
      const card = { ...described(name), network: local.chainId, time: new Date(0) };
      return updateProfile(located, (now) => withPartner(now, changeByCard(now, card)));
    }),
  );
  const now = await readProfile(located.file);
  assert.deepEqual(now.profile.partners.map((partner) => partner.name).toSorted(), names);
});
