import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exposureOf, openStoreReader, parseStoreConfiguration, replicationOverview } from "@p8e/object-store";
import * as objectStore from "@p8e/proto/object-store";
import { connectRpc } from "@p8e/rpc";
import {
  eventually,
  expectStatus,
  newHash,
  newParties,
  patternBytes,
  StoreClient,
  storeEnvironment,
  TestStore,
} from "@p8e/testkit";
import { peerAddressRule } from "../src/peer-addresses.ts";
import { LocalHarness } from "./support/harness.ts";

const harness = new LocalHarness();

describe("the addresses that a store connects to", () => {
  const cases: readonly [address: string, elsewhere: boolean, onLoopback: boolean][] = [
    ["203.0.113.7", true, true],
    ["10.0.0.7", true, true],
    ["2001:db8::7", true, true],
    ["127.0.0.1", false, true],
    ["127.9.9.9", false, true],
    ["::1", false, true],
    ["::ffff:127.0.0.1", false, true],
    ["64:ff9b::7f00:1", false, true],
    ["169.254.169.254", false, false],
    ["::ffff:169.254.169.254", false, false],
    ["64:ff9b::a9fe:a9fe", false, false],
    ["2002:a9fe:a9fe::", false, false],
    ["fd00:ec2::254", false, false],
    ["100.100.100.200", false, false],
    ["168.63.129.16", false, false],
    ["fe80::1", false, false],
    ["0.0.0.0", false, false],
    ["::", false, false],
    ["224.0.0.1", false, false],
    ["not-an-address", false, false],
  ];
  for (const [address, elsewhere, onLoopback] of cases) {
    it(`${address}: ${elsewhere ? "always" : onLoopback ? "when it listens on loopback" : "never"}`, () => {
      const refuses = (loopback: boolean) => peerAddressRule({ allowed: undefined, loopback })(address) !== undefined;
      assert.deepEqual([refuses(false), refuses(true)], [!elsewhere, !onLoopback]);
    });
  }

  it("are those that are named, when any are, and never those that nobody connects to", () => {
    const rule = peerAddressRule({ allowed: ["10.1.0.0/16", "127.0.0.1", "169.254.0.0/16"], loopback: false });
    const connects = (address: string) => rule(address) === undefined;
    assert.deepEqual(["10.1.2.3", "10.2.0.1", "127.0.0.1", "127.0.0.2", "169.254.169.254"].map(connects), [
      true,
      false,
      true,
      false,
      false,
    ]);
    for (const wrong of ["10.0.0.0/33", "example.org", "10.0.0.0/x", "/8", "::/129"]) {
      assert.throws(() => peerAddressRule({ allowed: [wrong], loopback: false }), { code: "configuration.invalid" });
    }
  });

  for (const host of ["127.0.0.1", "localhost"]) {
    it(`are looked at at every connect, under the name ${host} too`, async () => {
      await using peer = await TestStore.open(harness);
      await using store = await TestStore.open(harness, { OS_URL: "0.0.0.0" });
      const [owner, reader] = newParties(2);
      const url = `tcp://${host}:${peer.store.port}`;
      await store.client.addKey(reader!, { url });
      const hash = newHash();
      await store.client.put({ audience: [owner!, reader!] }, { hash });
      const environment = {
        OS_URL: "0.0.0.0",
        OS_PORT: "0",
        ...storeEnvironment(store.databaseSettings, store.folder),
      };
      await using reading = await openStoreReader(parseStoreConfiguration(environment).database);
      const { peers } = await eventually(
        "that it is not connected to",
        () => replicationOverview(reading, { limit: 1 }),
        (overview) => overview.peers[0]?.reason !== undefined,
      );
      assert.equal(peers[0]!.state, "unreachable");
      assert.match(
        peers[0]!.reason!,
        /is this machine itself, and only a store that listens there alone connects to it/,
      );
      await store.store[Symbol.asyncDispose]();
      const allowing = { OS_URL: "0.0.0.0", P8E_STORE_PEER_ADDRESSES: "127.0.0.0/8,::1" };
      await using _again = await TestStore.open(harness, allowing, {
        database: store.databaseSettings,
        folder: store.folder,
      });
      await eventually(
        "the replica",
        () => peer.client.get(hash, reader!),
        () => true,
        { isLater: () => true },
      );
    });
  }
});

describe("a store's credential for its operator", () => {
  it("is needed to register keys and to switch maintenance, and for nothing else", async () => {
    const secret = "correct-horse-battery";
    await using store = await TestStore.open(harness, { P8E_STORE_ADMIN_CREDENTIAL: `X-Operator:${secret}` });
    const [party] = newParties(1);
    await expectStatus(store.client.addKey(party!), "PERMISSION_DENIED", "not authorized");
    await expectStatus(store.client.setMaintenance(true), "PERMISSION_DENIED");
    await store.client.put({ audience: [party!] }, { hash: newHash() });
    await using rpc = connectRpc({ host: store.store.host, port: store.store.port });
    const add = (value: string) =>
      rpc.unary(
        objectStore.PublicKeyService.method.add,
        { publicKey: { key: { case: "secp256k1", value: party!.raw } } },
        { metadata: { "x-operator": value } },
      );
    await expectStatus(add(`${secret}x`), "PERMISSION_DENIED");
    await add(secret);
  });

  it("is long enough, and no binary header", () => {
    const required = {
      OS_URL: "127.0.0.1",
      OS_PORT: "0",
      ...storeEnvironment({ host: "h", port: 1, name: "n", user: "u", password: "p", schema: "s" }, "/objects"),
    };
    for (const credential of ["x-operator", "x-operator:short", "x-operator-bin:correct-horse-battery"]) {
      assert.throws(() => parseStoreConfiguration({ ...required, P8E_STORE_ADMIN_CREDENTIAL: credential }), {
        code: "configuration.invalid",
        message: /P8E_STORE_ADMIN_CREDENTIAL must be HEADER:VALUE/,
      });
    }
  });
});

describe("a store's listener for other stores", () => {
  it("takes and gives objects, and answers nothing else", async () => {
    await using store = await TestStore.open(harness, { P8E_STORE_PARTNER_LISTEN: "127.0.0.1:0" });
    await using partner = new StoreClient("127.0.0.1", store.store.partnerPort!);
    const [party] = newParties(1);
    const hash = newHash();
    await partner.put({ audience: [party!], payload: patternBytes(9000) }, { hash });
    assert.deepEqual((await partner.get(hash, party!)).data, (await store.client.get(hash, party!)).data);
    await expectStatus(partner.addKey(party!), "UNIMPLEMENTED");
    await expectStatus(partner.mail(party!), "UNIMPLEMENTED");
    await expectStatus(partner.maintenance(), "UNIMPLEMENTED");
  });
});

describe("what a store lets anybody do", () => {
  it("is told where more than this machine reaches it and it asks for nothing", () => {
    assert.match(exposureOf({ OS_URL: "0.0.0.0" })!, /0\.0\.0\.0 without TLS and without credentials/);
    assert.match(exposureOf({ OS_URL: "[::]" })!, /without TLS/);
    for (const safe of [
      { OS_URL: "127.0.0.1" },
      { OS_URL: "[::1]" },
      { OS_URL: "0.0.0.0", P8E_STORE_TLS_CERT: "cert.pem" },
      { OS_URL: "0.0.0.0", USER_AUTH_ENABLED: "true" },
    ]) {
      assert.equal(exposureOf(safe), undefined);
    }
  });
});
