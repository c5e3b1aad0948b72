import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { freePort } from "@p8e/machine";
import { eventually } from "@p8e/testkit";
import { CommandLine } from "./support/p8e.ts";
import { pemFile } from "./support/pem.ts";

interface Added {
  readonly name: string;
  readonly registered: boolean;
}
interface Serving {
  readonly url: string;
}

// Two parties whose stores speak TLS, each let in by the certificate it serves with: from cards that were exchanged before
// either store ran, to a file that went across, and a partner that is removed while the database is away.
describe("two stores that speak TLS", { timeout: 600_000 }, async () => {
  const p8e = new CommandLine({ data: false });
  after(() => p8e[Symbol.asyncDispose]());
  const home = (name: string) => ({ cwd: p8e.path(name) });
  const profileOf = (name: string) => JSON.parse(readFileSync(p8e.path(name, "p8e.json"), "utf8"));
  const url = { alice: `grpcs://localhost:${await freePort()}`, bob: `grpcs://localhost:${await freePort()}` };
  const serving: Record<string, ChildProcess> = {};
  const serve = async (name: "alice" | "bob", ...flags: string[]) => {
    const { child, said } = await p8e.serving<Serving>(["store", "serve", ...flags], {}, home(name));
    serving[name] = child;
    assert.equal(said.url, url[name].replace("localhost", "127.0.0.1"));
  };
  const fingerprints: Record<string, string> = {};

  it("each makes a profile with the authority of its store, and a card", async () => {
    for (const name of ["alice", "bob"] as const) {
      await p8e.json([
        ...["init", name, "--name", name, "--plain", "--node", "grpc://127.0.0.1:1", "--store", url[name]],
        ...["--store-ca", pemFile("authority")],
      ]);
      const card = ["party", "card", "--out", p8e.path(`${name}.card`)];
      fingerprints[name] = (await p8e.json<{ fingerprint: string }>(card, home(name))).fingerprint;
    }
  });

  it("a partner added while the own store is down waits to be registered", async () => {
    for (const [name, other] of [["alice", "bob"] as const, ["bob", "alice"] as const]) {
      const add = ["party", "add", p8e.path(`${other}.card`), "--fingerprint", fingerprints[other]!];
      assert.equal((await p8e.json<Added>(add, home(name))).registered, false);
      assert.equal(profileOf(name).partners[other].toRegister, true);
    }
  });

  it("is registered by the next start of the store, which speaks TLS as flags or profile say", async () => {
    const pem = { cert: pemFile("server-cert"), key: pemFile("server-key"), authority: pemFile("authority") };
    const bare = await p8e.refused(2, ["store", "serve", "--tls-cert", pem.cert], {}, home("alice"));
    assert.equal(bare.message, "--tls-key is missing");
    await serve(
      "alice",
      ...["--tls-cert", pem.cert, "--tls-key", pem.key],
      ...["--tls-client-ca", pem.authority, "--tls-partner-ca", pem.authority],
    );
    const profile = profileOf("bob");
    profile.store.serves = { certificate: pem.cert, key: pem.key, partnerAuthority: pem.authority };
    writeFileSync(p8e.path("bob/p8e.json"), JSON.stringify(profile));
    await serve("bob");
    assert.equal(profileOf("alice").partners.bob.toRegister, undefined);
    assert.equal(profileOf("bob").partners.alice.toRegister, undefined);
  });

  it("a client without a certificate is not let in where one is wanted", async () => {
    writeFileSync(p8e.path("file"), "content");
    const { code, stderr } = await p8e.run(["put", "../file"], home("alice"));
    // The server's alert may arrive before its goodbye, and may not.
    assert.ok(code === 30 || code === 32, stderr);
    assert.match(stderr, /client certificate/);
    const profile = profileOf("alice");
    Object.assign(profile.store, { clientCertificate: pemFile("client-cert"), clientKey: pemFile("client-key") });
    writeFileSync(p8e.path("alice/p8e.json"), JSON.stringify(profile));
  });

  it("what names the partner goes across, in both directions", async () => {
    for (const [from, to] of [["alice", "bob"] as const, ["bob", "alice"] as const]) {
      writeFileSync(p8e.path("file"), `from ${from}`);
      const { hash } = await p8e.json<{ hash: string }>(["put", "../file", "--for", to], home(from));
      const out = p8e.path(`to-${to}`);
      await eventually(`${hash} at ${to}`, async () => {
        const got = await p8e.run(["get", hash, "--from", from, "--out", out], home(to));
        return got.code === 0 ? true : undefined;
      });
      assert.equal(readFileSync(out, "utf8"), `from ${from}`);
    }
  });

  it("a store with an authority that is not trusted is refused, and which file would name it", async () => {
    const profile = profileOf("bob");
    const { certificateAuthority, ...store } = profile.store;
    writeFileSync(p8e.path("bob/p8e.json"), JSON.stringify({ ...profile, store }));
    const error = await p8e.refused(32, ["put", "../file"], {}, home("bob"));
    assert.equal(error.code, "rpc.tls");
    assert.match(error.message, /^the store of Bob, grpcs:\/\/localhost:\d+, cannot be reached: /);
    assert.match(error.hint!, /store\.certificateAuthority in .*bob\/p8e\.json/);
    writeFileSync(p8e.path("bob/p8e.json"), JSON.stringify({ ...profile, store: { ...store, certificateAuthority } }));
  });

  it("a store whose URL does not say TLS does not speak it", async () => {
    const exited = once(serving["bob"]!, "exit");
    serving["bob"]!.kill("SIGTERM");
    await exited;
    const profile = profileOf("bob");
    profile.store.url = profile.store.url.replace("grpcs:", "grpc:");
    writeFileSync(p8e.path("bob/p8e.json"), JSON.stringify(profile));
    const error = await p8e.refused(3, ["store", "serve"], {}, home("bob"));
    assert.equal(error.code, "configuration.invalid");
    assert.equal(error.facts.field, "store.url");
  });

  it("a partner is not removed while the database is away, unless its registration may stay", async () => {
    const before = readFileSync(p8e.path("bob/p8e.json"), "utf8");
    const error = await p8e.refused(30, ["party", "remove", "alice"], {}, home("bob"));
    assert.equal(error.code, "store.unavailable");
    assert.match(error.message, /nothing was changed/);
    assert.equal(readFileSync(p8e.path("bob/p8e.json"), "utf8"), before);
    await p8e.json(["party", "remove", "alice", "--profile-only"], home("bob"));
    assert.deepEqual(profileOf("bob").partners, {});
  });
});
