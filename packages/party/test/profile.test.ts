import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { networks, networkToJson, type P8eError } from "@p8e/core";
import { accountAddress, privateKeyFromMnemonic } from "@p8e/crypto";
import {
  createProfile,
  DEVELOPMENT_ENCRYPTION_PATH,
  DEVELOPMENT_SIGNING_PATH,
  developmentParties,
  findProfile,
  openParty,
  type Profile,
  parsePartyName,
  parseProfile,
  profileText,
  readProfile,
  readStoreFile,
  writeProfile,
  writeStoreFile,
} from "@p8e/party";

const { local } = networks;

function developmentPartyAt(index: number, storeUrl: string) {
  const { name, title, mnemonic } = developmentParties[index]!;
  const [signing, encryption] = [DEVELOPMENT_SIGNING_PATH, DEVELOPMENT_ENCRYPTION_PATH].map((path) =>
    privateKeyFromMnemonic(mnemonic, path).publicKey(),
  );
  return {
    ...{ name: parsePartyName(name), title, storeUrl },
    address: accountAddress(signing!, local.accountPrefix),
    signingKey: signing!.base64,
    encryptionKey: encryption!.base64,
  };
}

const sound: Profile = {
  party: developmentPartyAt(0, "grpc://127.0.0.1:8080"),
  network: local,
  node: { url: "grpc://127.0.0.1:9090" },
  keys: {
    signing: "file:.p8e/keys/lender",
    encryption: "file:.p8e/keys/lender",
    signingPath: DEVELOPMENT_SIGNING_PATH,
    encryptionPath: DEVELOPMENT_ENCRYPTION_PATH,
  },
  store: { data: ".p8e/store" },
  partners: [{ ...developmentPartyAt(1, "grpc://bank.example.com:8080"), toRegister: true }],
};
const noFile = () => assert.fail("no network file is asked for");

describe("a profile", async () => {
  const folder = await mkdtemp(join(tmpdir(), "p8e-profile-"));
  after(() => rm(folder, { recursive: true, force: true }));
  const fresh = async (name: string) => {
    const path = join(folder, name);
    await mkdir(path, { recursive: true });
    return path;
  };

  it("is read back as it was written", () => {
    assert.deepEqual(parseProfile(profileText(sound), "p8e.json", noFile), sound);
    const database = { host: "db", port: 5432, name: "a", user: "b", passwordReference: "env:PASSWORD", schema: "s" };
    const elsewhere: Profile = {
      ...sound,
      node: { url: "grpcs://node:443", rpcUrl: "https://node/rpc", certificateAuthorityFile: "ca.pem" },
      store: { database, storagePath: "/objects" },
      feeMax: "$1.65",
      approvers: {
        needed: 2,
        people: [
          { name: "ada", signingKey: developmentPartyAt(2, "").signingKey, key: "file:ada" },
          { name: "ben", signingKey: developmentPartyAt(3, "").signingKey, key: "env:BEN" },
        ],
      },
      partners: [],
    };
    assert.deepEqual(parseProfile(profileText(elsewhere), "p8e.json", noFile), elsewhere);
  });

  it("can be written by a person who leaves out what may be left out", () => {
    const { partners: _, ...value } = JSON.parse(profileText(sound));
    assert.deepEqual(parseProfile(JSON.stringify(value), "p8e.json", noFile), { ...sound, partners: [] });
  });

  const value = JSON.parse(profileText(sound));
  const mainnet = accountAddress(
    privateKeyFromMnemonic(developmentParties[0]!.mnemonic, DEVELOPMENT_SIGNING_PATH).publicKey(),
    networks.mainnet.accountPrefix,
  );
  const database = { host: "db", port: 1, name: "a", user: "b", password: "s3cret", schema: "s" };
  const [ada, ben] = [2, 3].map((at) => ({ signingKey: developmentPartyAt(at, "").signingKey, key: "file:key" }));
  const many = Array.from({ length: 1001 }, (_, index) => [`p${index}`, value.partners.bank]);
  const wrong: Readonly<Record<string, readonly [value: unknown, field: string]>> = {
    "a list": [[], "the file"],
    "no format": [{ ...value, format: undefined }, "format"],
    "a newer format": [{ ...value, format: 2 }, "format"],
    "an unknown network": [{ ...value, network: "moonnet" }, "network"],
    "a field that there is not": [{ ...value, netwrk: "local" }, "netwrk"],
    "a field too many within": [{ ...value, store: { ...value.store, passwrod: "s3cret" } }, "store.passwrod"],
    "one approver of two": [{ ...value, approvers: { needed: 1, people: { ada, ben } } }, "approvers.needed"],
    "more approvers than there are": [{ ...value, approvers: { needed: 3, people: { ada, ben } } }, "approvers.needed"],
    "two approvers with one key, written in two ways": [
      {
        ...value,
        approvers: { needed: 2, people: { ada, ben: { ...ada, signingKey: ada!.signingKey.replace(/=+$/, "") } } },
      },
      "approvers.people",
    ],
    "two approvers with one key": [
      { ...value, approvers: { needed: 2, people: { ada, ben: ada } } },
      "approvers.people",
    ],
    "an approver with the party's key": [
      { ...value, approvers: { needed: 2, people: { ada, ben: { ...ben, signingKey: value.party.signingKey } } } },
      "approvers.people",
    ],
    "an approver without a name": [
      { ...value, approvers: { needed: 2, people: { ada, "": ben } } },
      "approvers.people",
    ],
    "a party without a name": [{ ...value, party: { ...value.party, name: "Lender" } }, "party.name"],
    "a device of Windows": [{ ...value, party: { ...value.party, name: "com1" } }, "party.name"],
    "a title with a line end": [{ ...value, party: { ...value.party, title: "a\nb" } }, "party.title"],
    "an address of another network": [{ ...value, party: { ...value.party, address: mainnet } }, "party.address"],
    "a compressed key": [{ ...value, party: { ...value.party, signingKey: "AnhDqxYY" } }, "party.signingKey"],
    "a key in place of its reference": [{ ...value, keys: { ...value.keys, signing: "0a2100ef4c" } }, "keys.signing"],
    "a path that is none": [{ ...value, keys: { ...value.keys, signingPath: "44/1" } }, "keys.signingPath"],
    "a node by another protocol": [{ ...value, node: { url: "https://node" } }, "node.url"],
    "a node's RPC with a password in it": [
      { ...value, node: { ...value.node, rpcUrl: "https://user:word@node" } },
      "node.rpcUrl",
    ],
    "a password in place of where it is": [
      { ...value, store: { url: value.store.url, database } },
      "store.database.password",
    ],
    "a folder and a database": [{ ...value, store: { ...value.store, storagePath: "x" } }, "store.data"],
    "a partner of the party's own name": [{ ...value, partners: { lender: value.partners.bank } }, "partners"],
    "a partner without a store": [
      { ...value, partners: { bank: { ...value.partners.bank, storeUrl: undefined } } },
      "partners.bank.storeUrl",
    ],
    "too many partners": [{ ...value, partners: Object.fromEntries(many) }, "partners"],
  };
  for (const [what, [given, field]] of Object.entries(wrong)) {
    it(`is refused with the field's name and without its value: ${what}`, () => {
      assert.throws(
        () => parseProfile(JSON.stringify(given), "p8e.json", noFile),
        (error: P8eError) => {
          assert.deepEqual([error.code, error.facts["field"]], ["configuration.invalid", field]);
          assert.doesNotMatch(`${error.message} ${JSON.stringify(error.facts)} ${error.hint}`, /s3cret|0a2100ef4c/);
          return true;
        },
      );
    });
  }

  it("is made once with a folder that only its owner can open, and never overwritten", async () => {
    const home = await fresh("made");
    const made = await createProfile(home, sound);
    assert.deepEqual(await readProfile(made.file), made);
    assert.equal((await stat(join(home, ".p8e"))).mode & 0o777, 0o700);
    assert.equal(await readFile(join(home, ".p8e/.gitignore"), "utf8"), "*\n");
    await assert.rejects(createProfile(home, { ...sound, partners: [] }), { code: "configuration.invalid" });
    assert.deepEqual((await readProfile(made.file)).profile, sound);
  });

  it("changes at once: a reader sees the old one or the new one", async () => {
    const made = await createProfile(await fresh("changed"), sound);
    let reading = true;
    const read = (async () => {
      for (let count = 0; reading || count < 20; count++) {
        assert.ok((await readProfile(made.file)).profile.partners.length <= 1);
      }
    })();
    for (let round = 0; round < 20; round++) {
      await writeProfile(made, round % 2 === 0 ? { ...sound, partners: [] } : sound);
    }
    reading = false;
    await read;
  });

  it("names a network of its own by a file", async () => {
    const home = await fresh("network");
    const network = { ...local, name: "partners", chainId: "partners-7" };
    const profile: Profile = { ...sound, network, networkFile: "network.json" };
    await writeFile(join(home, "network.json"), JSON.stringify(networkToJson(network)));
    const { file } = await createProfile(home, profile);
    assert.deepEqual((await readProfile(file)).profile, profile);
    await writeFile(join(home, "network.json"), JSON.stringify({ ...networkToJson(network), format: 9 }));
    await assert.rejects(readProfile(file), (error: P8eError) => /newer/.test(error.message));
  });

  it("with the keys of a development party is refused where a server is elsewhere", async () => {
    const located = { profile: sound, file: "p8e.json", folder, dataDir: folder };
    await openParty(located, { variables: {} })[Symbol.asyncDispose]();
    const other = parsePartyName("other");
    for (const elsewhere of [
      { ...sound, node: { url: "grpc://10.0.0.1:9090" } },
      { ...sound, party: { ...sound.party, name: other, storeUrl: "grpc://localhost.example.com:1" } },
    ]) {
      assert.throws(() => openParty({ ...located, profile: elsewhere }, { variables: {} }), { code: "key.invalid" });
    }
  });

  it("is refused when the keys found are others than it says", async () => {
    const home = await fresh("keys");
    await writeFile(join(home, "words"), developmentParties[2]!.mnemonic, { mode: 0o600 });
    const keys = { ...sound.keys, signing: "mnemonic-file:words", encryption: "mnemonic-file:words" };
    const located = await createProfile(home, { ...sound, keys });
    await using party = openParty(located, { variables: {} });
    await assert.rejects(party.keys(), { code: "key.invalid", facts: { party: "lender", file: located.file } });
  });

  it("with keys from a file opens both", async () => {
    const home = await fresh("opened");
    await writeFile(join(home, "words"), developmentParties[0]!.mnemonic, { mode: 0o600 });
    const keys = { ...sound.keys, signing: "mnemonic-file:words", encryption: "mnemonic-file:words" };
    await using party = openParty(await createProfile(home, { ...sound, keys }), { variables: {} });
    const { signing, encryption } = await party.keys();
    assert.deepEqual(
      [signing.publicKey.base64, encryption.publicKey.base64],
      [sound.party.signingKey, sound.party.encryptionKey],
    );
  });
});

describe("the place of a profile", async () => {
  const root = await mkdtemp(join(tmpdir(), "p8e-find-"));
  after(() => rm(root, { recursive: true, force: true }));
  const inner = join(root, "own/deep/deeper");
  await mkdir(inner, { recursive: true });
  await mkdir(join(root, "own/.p8e"), { recursive: true });
  await mkdir(join(root, ".p8e"), { recursive: true });
  await writeFile(join(root, "own/p8e.json"), "{}");
  await writeFile(join(root, "own/.p8e/environment.json"), "{}");
  await writeFile(join(root, ".p8e/environment.json"), "{}");
  const variables = { P8E_PROFILE: "elsewhere/p8e.json", P8E_DATA: "elsewhere" };
  const own = { kind: "profile", file: join(root, "own/p8e.json") };

  it("is the option's, then the variable's, a profile before an environment", async () => {
    const at = { workingFolder: inner, variables };
    assert.deepEqual(await findProfile({ ...at, profile: "../.." }), own);
    assert.deepEqual(await findProfile({ ...at, data: "x" }), { kind: "environment", dataDir: join(inner, "x") });
    assert.deepEqual(await findProfile(at), { kind: "profile", file: join(inner, "elsewhere/p8e.json") });
    const data = await findProfile({ ...at, variables: { P8E_DATA: "/data" } });
    assert.deepEqual(data, { kind: "environment", dataDir: "/data" });
    await assert.rejects(findProfile({ ...at, profile: "x", data: "x" }), { code: "input.invalid" });
  });

  it("is the nearest folder upwards; where one has both, the profile", async () => {
    assert.deepEqual(await findProfile({ workingFolder: inner, variables: {} }), own);
    assert.deepEqual(await findProfile({ workingFolder: root, variables: {} }), {
      kind: "environment",
      dataDir: join(root, ".p8e"),
    });
  });
});

describe("store.json", async () => {
  const folder = await mkdtemp(join(tmpdir(), "p8e-store-file-"));
  after(() => rm(folder, { recursive: true, force: true }));
  const database = { host: "127.0.0.1", port: 5432, name: "a", user: "b", password: "s3cret", schema: "public" };

  it("is read back as it was written, its folders from where it lies, by its owner alone", async () => {
    assert.equal(await readStoreFile(folder), undefined);
    await writeStoreFile(folder, { database, storagePath: "objects" });
    assert.deepEqual(await readStoreFile(folder), { database, storagePath: join(folder, "objects") });
    assert.equal((await stat(join(folder, "store.json"))).mode & 0o777, 0o600);
  });

  it("of a newer format is named as newer", async () => {
    await writeFile(join(folder, "store.json"), '{"format":2}', { mode: 0o600 });
    await assert.rejects(readStoreFile(folder), (error: P8eError) => /newer than this p8e/.test(error.message));
  });
});
