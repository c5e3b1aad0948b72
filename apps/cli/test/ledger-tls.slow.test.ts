import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "@p8e/machine";
import { CommandLine } from "./support/p8e.ts";
import { pemFile } from "./support/pem.ts";

// A ledger and its clients as processes with TLS between them. Stores: tls.slow.test.ts; what TLS can fail of: packages/rpc.

describe("a ledger that speaks TLS", { timeout: 300_000 }, async () => {
  const p8e = new CommandLine({ data: false });
  after(() => p8e[Symbol.asyncDispose]());
  const port = await freePort();
  const node = `grpcs://localhost:${port}`;
  const serve = [
    "ledger",
    "serve",
    "--data",
    "ledger",
    "--listen",
    `127.0.0.1:${port}`,
    "--tls-cert",
    pemFile("server-cert"),
  ];
  const init = (name: string, ...more: string[]) => [
    ...["init", name, "--name", name, "--plain", "--node", node, "--store", "grpc://127.0.0.1:1"],
    ...more,
  ];
  const at = (name: string) => ({ cwd: p8e.path(name) });

  before(async () => {
    copyFileSync(pemFile("authority"), p8e.path("authority.pem"));
    const withTls = [...serve, "--tls-key", pemFile("server-key"), "--tls-client-ca", pemFile("authority"), "--faucet"];
    const { said } = await p8e.serving<{ url: string }>(withTls);
    assert.equal(said.url, `grpcs://127.0.0.1:${port}`);
  });

  it("is not served with half of what TLS needs, nor with files that are none", async () => {
    const half = await p8e.refused(2, serve);
    assert.equal(half.code, "input.invalid");
    assert.equal(half.message, "--tls-key is missing");
    const other = ["--data", "other", "--listen", "127.0.0.1:0"];
    const wrong = await p8e.refused(3, [...serve, ...other, "--tls-key", pemFile("client-key")]);
    assert.equal(wrong.message, "the key for TLS is not the certificate's");
    assert.deepEqual(wrong.facts, { certificate: pemFile("server-cert"), key: pemFile("client-key") });
    const noPem = await p8e.refused(3, [...serve, ...other, "--tls-key", fileURLToPath(import.meta.url)]);
    assert.equal(noPem.facts.file, fileURLToPath(import.meta.url));
    assert.equal(existsSync(p8e.path("other")), false);
    const absent = await p8e.refused(3, [...serve, ...other, "--tls-key", p8e.path("none.pem")]);
    assert.equal(absent.facts.file, p8e.path("none.pem"));
  });

  it("lets in who trusts its authority and shows a certificate", async () => {
    const made = await p8e.json<{ unchecked: readonly string[] }>(init("alice", "--node-ca", "authority.pem"));
    assert.match(made.unchecked.join(), /ended the connection after the TLS handshake|client certificate/);
    const file = p8e.path("alice/p8e.json");
    const profile = JSON.parse(readFileSync(file, "utf8"));
    assert.equal(profile.node.certificateAuthority, "../authority.pem");
    profile.node.clientCertificate = pemFile("client-cert");
    const half = async () => {
      writeFileSync(file, JSON.stringify(profile));
      return p8e.refused(3, ["account", "show"], {}, at("alice"));
    };
    assert.match((await half()).message, /node\.clientKey is missing/);
    profile.node.clientKey = pemFile("client-key");
    writeFileSync(file, JSON.stringify(profile));
    assert.equal((await p8e.json<{ state: string }>(["account", "show"], at("alice"))).state, "absent");
    assert.ok((await p8e.json<{ introduction?: object }>(["account", "fund"], at("alice"))).introduction);
  });

  it("is refused by who does not trust its authority, with what to do", async () => {
    const made = await p8e.json<{ unchecked: readonly string[] }>(init("bob"));
    assert.match(made.unchecked.join(), /signed by an authority that is not trusted here/);
    const error = await p8e.refused(32, ["account", "show"], {}, at("bob"));
    assert.equal(error.code, "rpc.tls");
    assert.equal(error.facts.reason, "unknown_authority");
    assert.match(error.message, new RegExp(`^the node of the network local, ${node}, cannot be reached: `));
    assert.match(error.hint!, /name the authority .* It stands in node\.certificateAuthority in .*bob\/p8e\.json\.$/);
  });
});
