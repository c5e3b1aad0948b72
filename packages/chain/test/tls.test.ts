// A node behind TLS, played by a ledger that serves it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { connectTo, startNode } from "./embedded-node.ts";

const pem = (name: string) => readFileSync(new URL(`../../rpc/test/tls/${name}.pem`, import.meta.url), "utf8");
const identity = (name: string) => ({ cert: pem(`${name}-cert`), key: pem(`${name}-key`) });
const certificateAuthority = pem("authority");

/** How connecting fails, in the words that a program and a person read. */
async function failure(connecting: ReturnType<typeof connectTo>) {
  const error: unknown = await connecting.then(
    (chain) => chain[Symbol.asyncDispose](),
    (thrown: unknown) => thrown,
  );
  const { code, facts, hint } = error as { code?: string; facts?: { reason?: string }; hint?: string };
  return { code, reason: facts?.reason, hinted: hint !== undefined };
}

const refused = (reason: string) => ({ code: "rpc.tls", reason, hinted: true });

describe("a node behind TLS", () => {
  it("is reached when its authority is trusted, and only then", async () => {
    await using node = await startNode(30, identity("server"));
    assert.match(node.url, /^grpcs:/);
    await using chain = await connectTo(node.url, { certificateAuthority });
    assert.equal(chain.node.network, "chain-local");
    assert.deepEqual(await failure(connectTo(node.url)), refused("unknown_authority"));
  });

  it("is told apart from a wrong host, an old certificate, a node without TLS and one that is not there", async () => {
    await using node = await startNode(30, identity("other"));
    assert.deepEqual(await failure(connectTo(node.url, { certificateAuthority })), refused("wrong_name"));
    node.replaceTls(identity("expired"));
    assert.deepEqual(await failure(connectTo(node.url, { certificateAuthority })), refused("expired"));
    await using plain = await startNode();
    const overTls = plain.url.replace("grpc:", "grpcs:");
    assert.deepEqual(await failure(connectTo(overTls, { certificateAuthority })), refused("not_tls"));
    const { code } = await failure(connectTo("grpcs://127.0.0.1:1", { certificateAuthority }));
    assert.equal(code, "ledger.unavailable");
  });

  it("lets in who shows a certificate of its authority, and stays reachable when its own is renewed", async () => {
    await using node = await startNode(30, { ...identity("server"), clientAuthorities: certificateAuthority });
    assert.deepEqual(await failure(connectTo(node.url, { certificateAuthority })), refused("client_certificate"));
    const tls = { ca: certificateAuthority, ...identity("client") };
    await using chain = await connectTo(node.url, { tls });
    node.replaceTls({ ...identity("renewed"), clientAuthorities: certificateAuthority });
    assert.ok((await chain.height()) >= 1n);
    await using another = await connectTo(node.url, { tls: () => tls });
    assert.equal(another.node.network, "chain-local");
  });
});
