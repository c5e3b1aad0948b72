// TLS in both roles: what fails and says why, client certificates, and certificates that change while everything runs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import {
  type ClientTlsSource,
  clientTlsFromFiles,
  connectRpc,
  followTlsFiles,
  type RpcServer,
  readServerTls,
  type ServerTls,
} from "../src/index.ts";
import { Echo, startEcho } from "./echo.ts";

const pem = (name: string) => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), "utf8");
const identity = (name: string) => ({ cert: pem(`${name}-cert`), key: pem(`${name}-key`) });
const authority = pem("authority");

async function say(server: { readonly port: number }, tls: ClientTlsSource = { ca: authority }, host = "localhost") {
  await using client = connectRpc({ host, port: server.port, tls });
  return (await client.unary(Echo.method.unary, { text: "hello" })).text;
}

/** The common name of the certificate that a server shows. */
async function shown({ port }: RpcServer): Promise<string> {
  const socket: TLSSocket = connectTls({ host: "localhost", port, ca: authority, ALPNProtocols: ["h2"] });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return String(name);
}

const failsWith = (reason: string, peer: string) => ({ code: "rpc.tls", facts: { reason, peer } });

describe("a connection that TLS forbids", () => {
  const cases = [
    ["unknown_authority", "server", {}],
    ["expired", "expired", { ca: authority }],
    ["not_yet_valid", "early", { ca: authority }],
    ["wrong_name", "other", { ca: authority }],
    ["wrong_name", "server", { ca: authority, servername: "elsewhere.test" }],
  ] as const;
  for (const [reason, name, tls] of cases) {
    it(`is rpc.tls, ${reason}, with the ${name} certificate and ${Object.keys(tls).join(" and ") || "no authority"}`, async () => {
      await using server = await startEcho({}, { tls: identity(name) });
      await assert.rejects(say(server, tls), failsWith(reason, `localhost:${server.port}`));
    });
  }

  it("is rpc.tls, not_tls, where plaintext is spoken", async () => {
    await using server = await startEcho();
    const failure = await say(server).catch((error: Error & { hint?: string }) => error);
    assert.ok(typeof failure === "object");
    assert.match(String(failure.hint), /grpc:\/\//);
    await assert.rejects(say(server), failsWith("not_tls", `localhost:${server.port}`));
  });

  it("is rpc.tls, no_http2, where another protocol is spoken over TLS", async () => {
    const web = createTlsServer({ ...identity("server"), ALPNProtocols: ["http/1.1"] });
    web.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const { port } = web.address() as { port: number };
    await assert.rejects(say({ port }), failsWith("no_http2", `localhost:${port}`));
    web.close();
  });

  it("is rpc.unavailable where nobody listens, or where the peer hangs up", async () => {
    const rude = createTcpServer((socket) => socket.on("error", () => {}).destroy());
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    const { port } = rude.address() as { port: number };
    await assert.rejects(say({ port }), { code: "rpc.unavailable" });
    await new Promise((resolve) => rude.close(resolve));
    await assert.rejects(say({ port }), { code: "rpc.unavailable" });
  });

  it("is reached by its address where the certificate has it, or under another name that is given", async () => {
    await using server = await startEcho({}, { tls: identity("server") });
    assert.equal(await say(server, { ca: authority }, "127.0.0.1"), "hello");
    await using other = await startEcho({}, { tls: identity("other") });
    assert.equal(await say(other, { ca: authority, servername: "elsewhere.test" }, "127.0.0.1"), "hello");
  });
});

describe("client certificates", () => {
  const tls: ServerTls = { ...identity("server"), clientAuthorities: authority };

  it("signed by the server's authority let a client in", async () => {
    await using server = await startEcho({}, { tls });
    assert.equal(await say(server, { ca: authority, ...identity("client") }), "hello");
  });

  it("that are missing are rpc.tls, client_certificate", async () => {
    await using server = await startEcho({}, { tls });
    await assert.rejects(say(server), failsWith("client_certificate", `localhost:${server.port}`));
  });

  it("that nobody known has signed end the connection, with a hint at the reason", async () => {
    await using server = await startEcho({}, { tls });
    const stranger = { ca: authority, cert: pem("cert"), key: pem("key") };
    await assert.rejects(say(server, stranger), (error: { code?: unknown; hint?: unknown }) => {
      assert.equal(error.code, "rpc.unavailable");
      assert.match(String(error.hint), /client certificate/);
      return true;
    });
  });
});

describe("settings that are none", () => {
  const { cert } = identity("server");
  const mixed = { cert, key: identity("client").key };

  it("are configuration.invalid for a server", async () => {
    await assert.rejects(startEcho({}, { tls: mixed }), { code: "configuration.invalid" });
    await assert.rejects(startEcho({}, { tls: { cert: "no PEM", key: "no PEM" } }), { code: "configuration.invalid" });
  });

  it("are configuration.invalid for the call that needed them, and show no key", async () => {
    await using server = await startEcho({}, { tls: identity("server") });
    for (const tls of [mixed, { cert }, { ca: "no PEM\n" }] as const) {
      const failure: unknown = await say(server, tls).catch((error: unknown) => error);
      assert.equal((failure as { code?: unknown }).code, "configuration.invalid");
      assert.ok(!JSON.stringify(failure).includes("PRIVATE"));
    }
  });
});

describe("new certificates", () => {
  it("are shown by a server without a restart; open connections stay", async () => {
    await using server = await startEcho({}, { tls: identity("server") });
    await using client = connectRpc({ host: "localhost", port: server.port, tls: { ca: authority } });
    await client.connect();
    assert.equal(await shown(server), "rpc test server");
    server.replaceTls(identity("renewed"));
    assert.equal(await shown(server), "rpc test server, renewed");
    assert.equal((await client.unary(Echo.method.unary, { text: "still here" })).text, "still here");
    assert.equal(await say(server), "hello");
  });

  it("that do not fit change nothing; neither does asking for client certificates all of a sudden", async () => {
    await using server = await startEcho({}, { tls: identity("server") });
    const unfit = { cert: pem("renewed-cert"), key: pem("server-key") };
    assert.throws(() => server.replaceTls(unfit), { code: "configuration.invalid" });
    const stricter = { ...identity("renewed"), clientAuthorities: authority };
    assert.throws(() => server.replaceTls(stricter), { code: "configuration.invalid" });
    assert.equal(await shown(server), "rpc test server");
    await using plaintext = await startEcho();
    assert.throws(() => plaintext.replaceTls(identity("server")), { code: "configuration.invalid" });
  });

  it("of a client are read for each new connection", async () => {
    const folder = await mkdtemp(join(tmpdir(), "p8e-rpc-tls-"));
    const [ca, cert, key] = ["ca", "cert", "key"].map((name) => join(folder, name)) as [string, string, string];
    await using server = await startEcho({}, { tls: { ...identity("server"), clientAuthorities: authority } });
    const tls = clientTlsFromFiles({ ca, cert, key });
    await using client = connectRpc({ host: "localhost", port: server.port, tls });
    const hello = async () => (await client.unary(Echo.method.unary, { text: "hello" })).text;
    const missing: unknown = await hello().catch((error: unknown) => error);
    assert.deepEqual((missing as { facts?: unknown }).facts, { file: ca });
    await writeFile(ca, authority);
    await writeFile(cert, pem("cert"));
    await writeFile(key, pem("key"));
    await assert.rejects(hello(), { code: "rpc.unavailable" });
    await writeFile(cert, pem("client-cert"));
    await writeFile(key, pem("client-key"));
    assert.equal(await hello(), "hello");
    await rm(folder, { recursive: true });
    assert.equal(await hello(), "hello");
  });

  it("of a server are followed in their files; a pair that is replaced in two steps is taken when it is whole", async () => {
    const folder = await mkdtemp(join(tmpdir(), "p8e-rpc-tls-"));
    const files = { cert: join(folder, "cert"), key: join(folder, "key") };
    await writeFile(files.cert, pem("server-cert"));
    await writeFile(files.key, pem("server-key"));
    const tls = await readServerTls(files);
    await using server = await startEcho({}, { tls });
    using follower = followTlsFiles(server, files, { current: tls });
    assert.equal(await follower.look(), false);
    await writeFile(join(folder, "next"), pem("renewed-cert"));
    await rename(join(folder, "next"), files.cert);
    await assert.rejects(follower.look(), { code: "configuration.invalid" });
    assert.equal(await shown(server), "rpc test server");
    await writeFile(files.key, pem("renewed-key"));
    assert.equal(await follower.look(), true);
    assert.equal(await shown(server), "rpc test server, renewed");
    await rm(folder, { recursive: true });
    await assert.rejects(follower.look(), { code: "configuration.invalid" });
    assert.equal(await shown(server), "rpc test server, renewed");
  });

  it("are looked for now and then, and what is wrong with them is told", async () => {
    const told = Promise.withResolvers<unknown>();
    await using server = await startEcho({}, { tls: identity("server") });
    const files = { cert: join(tmpdir(), "p8e-no-such-cert"), key: join(tmpdir(), "p8e-no-such-key") };
    using _follower = followTlsFiles(server, files, { everyMs: 5, onProblem: told.resolve });
    assert.equal(((await told.promise) as { code?: unknown }).code, "configuration.invalid");
  });
});
