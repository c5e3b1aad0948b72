import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { generatePrivateKey, localKey, publicKeyFromBase64, systemRandom } from "@p8e/crypto";
import { readEnvironmentFile } from "@p8e/environment";
import { ObjectClient } from "@p8e/object-client";
import { eventually } from "@p8e/testkit";
import { CommandLine } from "./support/p8e.ts";

interface Line {
  readonly kind: string;
  readonly reason?: string;
}

describe("p8e listen", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  before(async () => {
    await p8e.up();
  });
  after(() => p8e[Symbol.asyncDispose]());

  it("tells line by line what comes, sets a stranger's mail aside, and ends well when it is told to", async () => {
    const child = p8e.start(["listen", "--as", "bank", "--json"]);
    const lines: Line[] = [];
    createInterface({ input: child.stdout! }).on("line", (line) => lines.push(JSON.parse(line)));
    const told = (kind: string) =>
      eventually(
        kind,
        async () => lines.map((line) => line.kind),
        (kinds) => kinds.includes(kind),
      );
    await told("listening");
    const stranger = localKey(generatePrivateKey(systemRandom));
    const { storeUrl, encryptionKey } = (await readEnvironmentFile(p8e.data))!.parties.find(
      ({ name }) => name === "bank",
    )!;
    await using client = new ObjectClient({ url: storeUrl });
    const audience = [publicKeyFromBase64(encryptionKey)];
    const options = { owner: stranger.publicKey, signer: stranger, audience, mailType: "FRAGMENT_REQUEST" } as const;
    await client.put(Buffer.from("hello"), options);
    await told("quarantined");
    const exited = once(child, "exit");
    child.kill("SIGINT");
    assert.deepEqual(await exited, [0, null]);
    assert.deepEqual(
      lines.map(({ kind, reason }) => [kind, reason]),
      [
        ["listening", undefined],
        ["quarantined", "stranger"],
        ["stopped", undefined],
      ],
    );
    const { setAside } = await p8e.json<{ setAside: readonly Line[] }>(["mail", "set-aside", "--as", "bank"]);
    assert.deepEqual(
      setAside.map(({ reason }) => reason),
      ["stranger"],
    );
    assert.match(await p8e.text(["mail", "set-aside", "--as", "bank"]), /from a stranger/);
  });

  it("refuses a policy that is none before it listens", async () => {
    writeFileSync(p8e.path("policy.json"), '{"format":1,"rules":[{"name":"all","contract":"*"}]}');
    const error = await p8e.refused(3, ["listen", "--as", "bank", "--approve-policy", p8e.path("policy.json")]);
    assert.equal(error.code, "configuration.invalid");
  });
});
