import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networks, P8eError, parseAccountAddress } from "@p8e/core";
import { type LocatedProfile, type Profile, parsePartyName, tellWhose } from "@p8e/party";

const key = `B${"A".repeat(86)}=`;
const address = parseAccountAddress("tp196g09ugqd0rhkqgu4cnd97e65akeq9dmhttc25", networks.local.accountPrefix);
const party = (name: string, storeUrl: string) => ({
  name: parsePartyName(name),
  title: `The ${name}`,
  address,
  signingKey: key,
  encryptionKey: key,
  storeUrl,
});

function located(change: Partial<Profile> = {}, file = "/home/alice/p8e.json"): LocatedProfile {
  const profile: Profile = {
    party: party("alice", "grpc://127.0.0.1:8080"),
    network: networks.local,
    node: { url: "grpc://127.0.0.1" },
    keys: { signing: "env:A", encryption: "env:A", signingPath: "m/0", encryptionPath: "m/0" },
    store: { data: ".p8e/store" },
    partners: [{ ...party("bob", "grpcs://bob.example.com"), toRegister: false }],
    ...change,
  };
  return { profile, file, folder: "/home/alice", dataDir: "/home/alice/.p8e" };
}

const down = (peer: string, code: "rpc.unavailable" | "ledger.unavailable" = "rpc.unavailable", prefix = "") =>
  new P8eError(code, `${prefix}cannot connect to ${peer}`, { facts: { peer } });
const told = (error: unknown, of = located()) => {
  const { code, message, hint, facts } = tellWhose(error, of) as P8eError;
  return { code, message, hint, facts };
};

describe("an error of a call, by a profile", () => {
  it("says whose store does not answer, and how to start it", () => {
    assert.deepEqual(told(down("127.0.0.1:8080")), {
      code: "rpc.unavailable",
      message: "the store of The alice, grpc://127.0.0.1:8080, cannot be reached",
      hint: "p8e store serve runs it; if it should be elsewhere, check store.url in /home/alice/p8e.json.",
      facts: { peer: "127.0.0.1:8080" },
    });
    const elsewhere = told(down("127.0.0.1:8080"), located({ store: {} }));
    assert.match(elsewhere.hint!, /^Ask who runs it, or if it should be elsewhere/);
    const inEnvironment = told(down("127.0.0.1:8080"), located({}, "/data/environment.json"));
    assert.equal(inEnvironment.hint, "p8e up runs it; its log is in /data/logs.");
  });

  it("says which network's node, and which partner's store", () => {
    const node = told(down("127.0.0.1:9090", "ledger.unavailable", "the node: "));
    assert.equal(node.message, "the node of the network local, grpc://127.0.0.1, cannot be reached");
    assert.match(node.hint!, /^p8e ledger serve runs one for tests; .* node\.url in/);
    const partner = told(down("bob.example.com:443"));
    assert.equal(partner.message, "the store of The bob, grpcs://bob.example.com, cannot be reached");
    assert.match(partner.hint!, /p8e party add/);
  });

  it("tells node and store of one address apart", () => {
    const same = located({ node: { url: "grpc://127.0.0.1:8080" } });
    assert.match(told(down("127.0.0.1:8080"), same).message, /^the store of The alice/);
    assert.match(told(down("127.0.0.1:8080", "ledger.unavailable", "the node: "), same).message, /^the node/);
  });

  it("names where the authority of a certificate is said", () => {
    const error = new P8eError("rpc.tls", "cannot connect to bob.example.com:443: its certificate is signed …", {
      facts: { peer: "bob.example.com:443", reason: "unknown_authority" },
      hint: "Name the authority.",
    });
    assert.equal(
      told(error).message,
      "the store of The bob, grpcs://bob.example.com, cannot be reached: its certificate is signed …",
    );
    assert.match(told(error).hint!, /^Name the authority\. .*\/home\/alice\/p8e\.json\.$/);
  });

  it("leaves alone what a peer answered, what it does not know, and what is no error of ours", () => {
    const answered = new P8eError("rpc.unavailable", "in maintenance", {
      facts: { peer: "127.0.0.1:8080", grpcStatus: "UNAVAILABLE", method: "/objectstore.ObjectService/Put" },
    });
    const optional = new P8eError("rpc.unimplemented", "no such method", {
      facts: { peer: "127.0.0.1:9090", grpcStatus: "UNIMPLEMENTED", method: "/p8e.ledger.v1.Development/Fund" },
    });
    for (const error of [answered, optional, down("10.0.0.1:1"), new Error("other"), undefined]) {
      assert.equal(tellWhose(error, located()), error);
    }
  });
});
