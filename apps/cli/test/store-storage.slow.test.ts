// A party's store whose objects lie in a bucket: started there, and moved there from its folder.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { type BlobServer, optionalBlobServer } from "@p8e/testkit";
import { ownParty } from "./support/own-party.ts";
import { CommandLine } from "./support/p8e.ts";

const s3 = await optionalBlobServer("s3", "a store in a bucket");
after(() => s3?.[Symbol.asyncDispose]());

function bucketDescribe(server: BlobServer): void {
  const credentials = {
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
  };
  const at = (prefix: string) => `s3://blobs/${prefix}?${new URLSearchParams({ endpoint: server.endpoint })}`;

  describe("a party's store in a bucket", { timeout: 240_000 }, () => {
    const p8e = new CommandLine({ data: false });
    after(() => p8e[Symbol.asyncDispose]());

    const content = randomBytes(9_500_000);
    const serve = async (party: { readonly as: { readonly profile?: string } }, more: readonly string[] = []) => {
      const args = ["store", "serve", "--listen", "127.0.0.1:0", ...more];
      const { child, said } = await p8e.serving<{ port: number }>(args, credentials, party.as);
      const stop = async () => {
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      };
      return { port: said.port, stop };
    };
    const atPort = (file: string, port: number) => {
      const profile = JSON.parse(readFileSync(file, "utf8")) as { store: { url: string } };
      profile.store.url = `grpc://127.0.0.1:${port}`;
      writeFileSync(file, JSON.stringify(profile));
    };
    const party = (name: string) =>
      ownParty(p8e, name, {
        storeUrl: "grpc://127.0.0.1:1",
        nodeUrl: "grpc://127.0.0.1:1",
        store: { data: ".p8e/store" },
      });

    it("is moved there while it serves, then switched, and gives back what it held", async () => {
      const lender = await party("lender");
      writeFileSync(p8e.path("loan.bin"), content);
      const first = await serve(lender);
      atPort(lender.file, first.port);
      const { hash } = await p8e.json<{ hash: string }>(["put", "loan.bin"], lender.as);
      const move = ["store", "move", "--to", at("lender")];
      const busy = await p8e.refused(13, move, credentials, lender.as);
      assert.deepEqual([busy.code, busy.facts.copied], ["environment.in_use", 1]);
      await first.stop();
      const moved = await p8e.json<{ copied: number; switched: boolean }>(move, { ...lender.as, env: credentials });
      assert.deepEqual([moved.copied, moved.switched], [0, true]);
      rmSync(p8e.path("lender/.p8e/store/objects"), { recursive: true });
      const second = await serve(lender);
      atPort(lender.file, second.port);
      await p8e.json(["get", hash, "--out", "back.bin"], lender.as);
      assert.ok(readFileSync(p8e.path("back.bin")).equals(content));
      await second.stop();
    });

    it("is started there by a flag, which its folder remembers", async () => {
      const bank = await party("bank");
      writeFileSync(p8e.path("note.bin"), content.subarray(0, 300_000));
      const first = await serve(bank, ["--storage", at("bank")]);
      atPort(bank.file, first.port);
      const { hash } = await p8e.json<{ hash: string }>(["put", "note.bin"], bank.as);
      await first.stop();
      assert.deepEqual(readdirSync(p8e.path("bank/.p8e/store/objects")), []);
      const elsewhere = await p8e.refused(3, ["store", "serve", "--storage", at("other")], credentials, bank.as);
      assert.equal(elsewhere.facts.storage, at("bank"));
      const second = await serve(bank);
      atPort(bank.file, second.port);
      await p8e.json(["get", hash, "--out", "note.back"], bank.as);
      assert.ok(readFileSync(p8e.path("note.back")).equals(content.subarray(0, 300_000)));
      await second.stop();
    });
  });
}

if (s3 !== undefined) bucketDescribe(s3);
