import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { connectTo, startNode } from "./embedded-node.ts";
import { proxyNode } from "./node-proxy.ts";

/** A certificate for this run only; undefined where no openssl is installed. */
function certificate(): { readonly key: string; readonly cert: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "p8e-tls-"));
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const form = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  try {
    execFileSync("openssl", [...form, ...subject, "-keyout", keyFile, "-out", certFile], { stdio: "ignore" });
    return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8") };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it("a node behind TLS is reached when its authority is trusted, and only then", async (test) => {
  const identity = certificate();
  if (identity === undefined) return test.skip("no openssl to make a certificate with");
  await using node = await startNode();
  await using proxy = await proxyNode(node.url, identity);
  assert.match(proxy.url, /^grpcs:/);
  await using chain = await connectTo(proxy.url, { certificateAuthority: identity.cert });
  assert.equal(chain.node.network, "chain-local");
  await assert.rejects(connectTo(proxy.url), { code: "ledger.unavailable" });
});
