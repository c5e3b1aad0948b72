// The node's own command, whose gRPC is Go's, as a client of the embedded ledger: plaintext, and over TLS.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ServedLedger, serveLedger } from "@p8e/ledger";
import { optionalProvenanced, type Provenanced } from "@p8e/testkit";
import { TestNetwork } from "./network.ts";

const certificate = (name: string) => fileURLToPath(new URL(`../../rpc/test/tls/${name}.pem`, import.meta.url));

const what = "a Go client on the embedded ledger";
await optionalProvenanced(what, (found) => {
  describe(what, () => {
    let network: TestNetwork;
    let plain: ServedLedger;
    let secure: ServedLedger;
    let home: string;

    before(async () => {
      home = await mkdtemp(join(tmpdir(), "p8e-go-client-"));
      network = await TestNetwork.open();
      plain = await serveLedger(network.ledger, { host: "127.0.0.1", port: 0 });
      const [cert, key] = await Promise.all([
        readFile(certificate("server-cert"), "utf8"),
        readFile(certificate("server-key"), "utf8"),
      ]);
      secure = await serveLedger(network.ledger, { host: "127.0.0.1", port: 0, tls: { cert, key } });
    });
    after(async () => {
      await plain.close();
      await secure.close();
      await network[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    });

    const ask = (served: ServedLedger, words: readonly string[], tls?: Readonly<Record<string, string>>) =>
      query(found, home, served, words, tls);

    it("reads the supply and a balance", async () => {
      const supply = await ask(plain, ["bank", "total-supply-of", "nhash"]);
      assert.deepEqual(supply, { amount: { denom: "nhash", amount: "100000000000000000000" } });
      const { balances } = (await ask(plain, ["bank", "balances", network.faucet.address])) as {
        balances: readonly { readonly denom: string }[];
      };
      assert.deepEqual(
        balances.map(({ denom }) => denom),
        ["nhash"],
      );
    });

    it("reads a service's sentence where there is no such service", async () => {
      await assert.rejects(ask(plain, ["gov", "proposals"]), {
        stderr: /code = Unimplemented desc = cosmos\.gov\.v1\.Query\/Proposals is not supported by the embedded ledger/,
      });
    });

    it("reads over TLS when it trusts the authority, and not otherwise", async () => {
      const trusting = { SSL_CERT_FILE: certificate("authority") };
      const supply = await ask(secure, ["bank", "total-supply-of", "nhash"], trusting);
      assert.deepEqual(supply, { amount: { denom: "nhash", amount: "100000000000000000000" } });
      await assert.rejects(ask(secure, ["bank", "total-supply-of", "nhash"], {}), {
        stderr: /certificate signed by unknown authority/,
      });
    });
  });
});

/** The answer's JSON. With `tls`, its variables, it speaks TLS. */
async function query(
  found: Provenanced,
  home: string,
  served: ServedLedger,
  words: readonly string[],
  tls: Readonly<Record<string, string>> | undefined,
): Promise<unknown> {
  const place = ["--grpc-addr", `localhost:${served.port}`, ...(tls === undefined ? ["--grpc-insecure"] : [])];
  const args = ["-t", "--home", home, "query", ...words, ...place, "-o", "json"];
  const { PATH, TMPDIR } = process.env;
  const env = { PATH, TMPDIR, HOME: home, LD_LIBRARY_PATH: dirname(found.program), ...tls };
  const { stdout } = await promisify(execFile)(found.program, args, { env });
  return JSON.parse(stdout);
}
