import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { utf8Decode, utf8Encode } from "@p8e/core";
import { passphraseFromBytes, passphraseFromDescriptor, passphraseFromFile } from "@p8e/keys";
import { codeOf, Folder } from "./support.ts";

const request = { purpose: "open", what: "a file" } as const;

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}

describe("a passphrase", () => {
  it("is the first line of what was read, in one spelling, and what was read is wiped", () => {
    for (const [read, passphrase] of [
      ["one two", "one two"],
      ["one two\n", "one two"],
      ["one two\r\nand more", "one two"],
      [" spaces count ", " spaces count "],
      ["cafe\u0301\n", "caf\u00e9"],
    ] as const) {
      const bytes = utf8Encode(read);
      assert.equal(utf8Decode(passphraseFromBytes(bytes)), passphrase);
      assert.ok(bytes.every((byte) => byte === 0));
    }
    assert.deepEqual(passphraseFromBytes(Uint8Array.of(0xff, 0xfe)), Uint8Array.of(0xff, 0xfe));
  });

  it("is neither empty nor endless", async () => {
    for (const read of ["", "\n", "\r\n", "\nsecond line", "x".repeat(1025)]) {
      assert.equal(await codeOf(() => passphraseFromBytes(utf8Encode(read))), "input.invalid");
    }
    assert.equal(passphraseFromBytes(utf8Encode("x".repeat(1024))).length, 1024);
  });

  it("in a file is as private as a key", async () => {
    using folder = new Folder();
    folder.write("passphrase", "from a file\n");
    folder.write("exposed", "from a file\n", 0o644);
    folder.write("large", "x".repeat(2000));
    assert.equal(utf8Decode(await passphraseFromFile(folder.at("passphrase"))(request)), "from a file");
    assert.equal(await codeOf(() => passphraseFromFile(folder.at("exposed"))(request)), "key.exposed");
    assert.equal(await codeOf(() => passphraseFromFile(folder.at("large"))(request)), "input.too_large");
    assert.equal(await codeOf(() => passphraseFromFile(folder.at("none"))(request)), "key.unavailable");
  });

  it("of a descriptor is read once and given again in bytes of its own", async () => {
    using folder = new Folder();
    const descriptor = openSync(folder.write("passphrase", "from a descriptor\nmore"), "r");
    try {
      using source = passphraseFromDescriptor(descriptor);
      const first = await source(request);
      first.fill(0);
      assert.equal(utf8Decode(await source(request)), "from a descriptor");
    } finally {
      closeSync(descriptor);
    }
  });

  it("of a descriptor that nobody handed over is not waited for", async () => {
    const links = readdirSync("/proc/self/fd").map((name) => [Number(name), linkOf(name)] as const);
    const isWhole = (link: string) => link.startsWith("pipe:") && links.filter((each) => each[1] === link).length === 2;
    const pipes = links.filter(([, link]) => isWhole(link)).map(([descriptor]) => descriptor);
    assert.ok(pipes.length > 0, "Node.js has pipes of its own");
    for (const descriptor of [987, ...pipes]) {
      assert.equal(await codeOf(() => passphraseFromDescriptor(descriptor)), "key.passphrase");
    }
  });

  it("of a device is not to be had", async () => {
    const descriptor = openSync("/dev/zero", "r");
    try {
      using source = passphraseFromDescriptor(descriptor);
      assert.equal(await codeOf(() => source(request)), "key.passphrase");
    } finally {
      closeSync(descriptor);
    }
  });
});

describe("a passphrase through a pipe", () => {
  const child = fileURLToPath(new URL("./descriptor-child.ts", import.meta.url));
  const start = (how: string) => {
    const process_ = spawn(process.execPath, [child, how], { stdio: ["ignore", "pipe", "inherit", "pipe"] });
    const said = (async () => {
      let text = "";
      for await (const chunk of process_.stdout!) text += chunk;
      return text;
    })();
    return { pipe: process_.stdio[3] as import("node:stream").Writable, said, exited: once(process_, "exit") };
  };

  it("may come in pieces, and the writer need not close it", async () => {
    const { pipe, said } = start("read");
    pipe.write("in two ");
    await new Promise((resolve) => setImmediate(resolve));
    pipe.write("pieces\n");
    assert.equal(await said, "in two pieces");
  });

  it("ends with the pipe", async () => {
    const { pipe, said } = start("read");
    pipe.end("to the end");
    assert.equal(await said, "to the end");
  });

  it("is waited for no longer than wanted", async () => {
    const { said, exited } = start("give up");
    assert.equal(await said, "rpc.cancelled");
    await exited;
  });
});
