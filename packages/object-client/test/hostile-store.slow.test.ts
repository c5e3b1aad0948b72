import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { concatBytes, contentHashToBytes, hashContent, P8eError, utf8Encode } from "@p8e/core";
import { type SealedBytes, sealBytes } from "@p8e/crypto";
import { parseContainer, rewriteSignatures } from "@p8e/envelope";
import { fileSource, ObjectClient, type ObjectClientOptions } from "@p8e/object-client";
import * as objectStore from "@p8e/proto/object-store";
import { type Handlers, type RpcServer, service, startRpcServer } from "@p8e/rpc";
import { newKey } from "./store-fixture.ts";

type Message = MessageInitShape<typeof objectStore.ChunkBidiSchema>;
type ObjectHandlers = Handlers<typeof objectStore.ObjectService>;

const reader = newKey();
const content = new Uint8Array(3_000_000).fill(5);
const hash = hashContent(content);

const streamHeader = (streamCount = 1): Message => ({ impl: { case: "multiStreamHeader", value: { streamCount } } });
const data = (bytes: Uint8Array, name?: string): Message => ({
  impl: {
    case: "chunk",
    value: { impl: { case: "data", value: bytes }, ...(name === undefined ? {} : { header: { name } }) },
  },
});
const end: Message = { impl: { case: "chunk", value: { impl: { case: "end", value: {} } } } };
const property: Message = {
  impl: { case: "chunk", value: { header: { name: "HASH" }, impl: { case: "value", value: new Uint8Array(32) } } },
};

function split(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}

describe("an object client and a hostile store", () => {
  let folder: string;
  let spoolFolder: string;
  let whole: Uint8Array;
  const servers: RpcServer[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "p8e-hostile-"));
    spoolFolder = join(folder, "spool");
    await mkdir(spoolFolder);
    whole = containerOf(await sealBytes({ source: content, owner: reader.publicKey, audience: [], signer: reader }));
  });
  after(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await rm(folder, { recursive: true, force: true });
  });

  /** As a store keeps it. */
  function containerOf({ header, payload, seal }: SealedBytes): Uint8Array {
    const entry = { signature: seal.signature, publicKey: utf8Encode(seal.signer.pem) };
    return concatBytes(rewriteSignatures(parseContainer(header).header, entry), payload);
  }

  async function clientOf(handlers: ObjectHandlers, options: Partial<ObjectClientOptions> = {}): Promise<ObjectClient> {
    const server = await startRpcServer({ port: 0, services: [service(objectStore.ObjectService, handlers)] });
    servers.push(server);
    return new ObjectClient({ url: `grpc://127.0.0.1:${server.port}`, spoolFolder, patienceMs: 300, ...options });
  }

  /** A store that answers every Get with these messages. */
  const giving = (messages: () => AsyncIterable<Message> | Iterable<Message>, options?: Partial<ObjectClientOptions>) =>
    clientOf(
      {
        async *get() {
          yield* messages();
        },
      },
      options,
    );

  /** Names and open handles: the spool has no name while it is used. */
  async function leftovers(): Promise<string[]> {
    const left = await readdir(spoolFolder);
    if (process.platform !== "linux") return left;
    for (const descriptor of await readdir("/proc/self/fd")) {
      const target = await readlink(join("/proc/self/fd", descriptor)).catch(() => "");
      if (target.startsWith(folder)) left.push(target);
    }
    return left;
  }

  const read = async (client: ObjectClient) => {
    await using object = await client.get(hash, { key: reader });
    return await object.bytes();
  };

  it("reads what is right, however it is cut", async () => {
    for (const size of [whole.length, 2_000_000, 70_000, 501]) {
      await using client = await giving(function* () {
        yield streamHeader();
        for (const [index, part] of split(whole, size).entries()) yield data(part, index === 0 ? "DIME" : undefined);
        yield end;
      });
      assert.deepEqual(await read(client), content);
    }
    assert.deepEqual(await leftovers(), []);
  });

  const [first, second] = [() => whole.subarray(0, 2_000_000), () => whole.subarray(2_000_000)];
  const orders: Record<string, () => Message[]> = {
    nothing: () => [],
    "no header": () => [data(first(), "DIME"), end],
    "two headers": () => [streamHeader(), streamHeader(), data(first(), "DIME"), end],
    "two streams": () => [streamHeader(2), data(first(), "DIME"), end],
    "no name": () => [streamHeader(), data(first()), data(second()), end],
    "no end": () => [streamHeader(), data(first(), "DIME"), data(second())],
    "two ends": () => [streamHeader(), data(first(), "DIME"), data(second()), end, end],
    "data after the end": () => [streamHeader(), data(first(), "DIME"), end, data(second())],
    "a property": () => [streamHeader(), data(first(), "DIME"), property, data(second()), end],
    "an empty chunk": () => [streamHeader(), { impl: { case: "chunk", value: {} } }, end],
    "an empty message": () => [streamHeader(), {}, end],
  };
  for (const [what, messages] of Object.entries(orders)) {
    it(`refuses an answer with ${what}, and keeps nothing of it`, async () => {
      await using client = await giving(messages);
      await assert.rejects(read(client), { code: "rpc.protocol" });
      assert.deepEqual(await leftovers(), []);
    });
  }

  it("refuses a container that is cut, changed, or another object's, and keeps nothing of it", async () => {
    const flipped = whole.slice();
    flipped[flipped.length - 1_000_000]! ^= 1;
    const other = containerOf(
      await sealBytes({ source: Uint8Array.of(1), owner: reader.publicKey, audience: [], signer: reader }),
    );
    const { header, payload } = parseContainer(whole);
    const nobody = { signature: new Uint8Array(), publicKey: new Uint8Array() };
    const unsigned = concatBytes(rewriteSignatures(header, nobody), payload);
    const cases: [Uint8Array, string][] = [
      [whole.subarray(0, 100), "envelope.malformed"],
      [whole.subarray(0, whole.length - 1), "envelope.tampered"],
      [whole.subarray(0, header.bytes.length), "envelope.tampered"],
      [concatBytes(whole, Uint8Array.of(0)), "envelope.tampered"],
      [flipped, "envelope.tampered"],
      [other, "object.hash_mismatch"],
      [unsigned, "signature.invalid"],
      [new Uint8Array(5_000_000).fill(255), "envelope.malformed"],
    ];
    for (const [bytes, code] of cases) {
      await using client = await giving(function* () {
        yield streamHeader();
        for (const [index, part] of split(bytes, 1_000_000).entries())
          yield data(part, index === 0 ? "DIME" : undefined);
        yield end;
      });
      await assert.rejects(read(client), { code });
      const out = join(folder, "never");
      await assert.rejects(client.getToFile(hash, out, { key: reader }), { code });
      await assert.rejects(client.reshare(hash, { key: reader, audience: [newKey().publicKey] }), { code });
      assert.deepEqual(await leftovers(), []);
    }
    assert.ok(!(await readdir(folder)).includes("never"));
  });

  it("refuses a header over the limits as soon as it is announced", async () => {
    const header = parseContainer(whole).header.bytes.slice(0, 30);
    new DataView(header.buffer).setUint32(26, 0xffff_ffff);
    let sent = 0;
    await using client = await giving(async function* () {
      yield streamHeader();
      yield data(header, "DIME");
      for (;;) {
        sent += 1_000_000;
        yield data(new Uint8Array(1_000_000));
      }
    });
    await assert.rejects(read(client), { code: "envelope.too_large" });
    assert.ok(sent < 20_000_000);
  });

  it("stops an answer without end where the caller's limit is, not where its disk ends", async () => {
    let sent = 0;
    await using client = await giving(async function* () {
      yield streamHeader();
      yield data(whole, "DIME");
      for (;;) {
        sent += 1_000_000;
        yield data(new Uint8Array(1_000_000));
      }
    });
    await assert.rejects(client.getBytes(hash, { key: reader, limit: 4_000_000 }), { code: "object.too_large" });
    assert.ok(sent < 30_000_000, `${sent} bytes`);
    assert.deepEqual(await leftovers(), []);
    await using limited = new ObjectClient({ url: client.url, spoolFolder, sizeMax: 5_000_000 });
    await assert.rejects(limited.get(hash, { key: reader }), { code: "object.too_large" });
    assert.deepEqual(await leftovers(), []);
  });

  it("gives up on a store that sends nothing, or nothing but empty messages", async () => {
    const wait = (signal: AbortSignal) => new Promise<never>((_, reject) => signal.addEventListener("abort", reject));
    for (const after of [[], [streamHeader()], [streamHeader(), data(whole.subarray(0, 2_000_000), "DIME")]]) {
      await using client = await clientOf(
        {
          async *get(_request, { signal }) {
            yield* after;
            await wait(signal);
          },
        },
        { stalledMs: 200 },
      );
      await assert.rejects(read(client), { code: "rpc.deadline" });
    }
    await using empty = await giving(
      async function* () {
        yield streamHeader();
        yield data(whole, "DIME");
        for (;;) {
          yield data(new Uint8Array());
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
      { stalledMs: 200 },
    );
    await assert.rejects(read(empty), { code: "rpc.deadline" });
    assert.deepEqual(await leftovers(), []);
  });

  const own = { owner: reader.publicKey, signer: reader };

  it("gives up on a store that takes nothing or answers nothing, but not on a slow source", async () => {
    const wait = (signal: AbortSignal) => new Promise<never>((_, reject) => signal.addEventListener("abort", reject));
    await using deaf = await clientOf({ put: (_requests, { signal }) => wait(signal) }, { stalledMs: 200 });
    await assert.rejects(deaf.put(new Uint8Array(20_000_000), own), { code: "rpc.deadline" });
    await using mute = await clientOf(
      {
        async put(requests, { signal }) {
          for await (const _ of requests);
          return wait(signal);
        },
      },
      { stalledMs: 200 },
    );
    await assert.rejects(mute.put(content, own), { code: "rpc.deadline" });
    await using patient = await clientOf(
      {
        async put(requests) {
          for await (const _ of requests);
          return { hash: contentHashToBytes(hash), uuid: { value: crypto.randomUUID() } };
        },
      },
      { stalledMs: 200 },
    );
    const slow = {
      sizeBytes: content.length,
      async *open() {
        await new Promise((resolve) => setTimeout(resolve, 500));
        yield content;
      },
    };
    assert.equal((await patient.put(slow, own)).hash, hash);
  });

  it("does not take an answer for an object that was not sent to its end", async () => {
    await using client = await clientOf({
      put: () => ({ hash: contentHashToBytes(hash), uuid: { value: crypto.randomUUID() } }),
    });
    const stuck = {
      sizeBytes: content.length,
      async *open() {
        yield content.subarray(0, 10);
        await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
      },
    };
    await assert.rejects(client.put(stuck, own), { code: "rpc.protocol" });
  });

  it("does not take an answer that names nothing, or another object", async () => {
    const answers: [MessageInitShape<typeof objectStore.ObjectResponseSchema>, string][] = [
      [{}, "rpc.protocol"],
      [{ hash: new Uint8Array(7), uuid: { value: crypto.randomUUID() } }, "rpc.protocol"],
      [{ hash: contentHashToBytes(hash), uuid: { value: "../../etc/passwd" } }, "rpc.protocol"],
      [{ hash: new Uint8Array(32), uuid: { value: crypto.randomUUID() } }, "object.hash_mismatch"],
    ];
    for (const [answer, code] of answers) {
      await using client = await clientOf({
        async put(requests) {
          for await (const _ of requests);
          return answer;
        },
      });
      await assert.rejects(client.put(content, own), { code });
    }
  });

  it("can be stopped at every message of an answer, and keeps nothing", async () => {
    for (let stopAt = 0; stopAt < 6; stopAt++) {
      const stop = new AbortController();
      await using client = await giving(async function* () {
        const messages = [
          streamHeader(),
          ...split(whole, 1_000_000).map((part, index) => data(part, index === 0 ? "DIME" : undefined)),
          end,
        ];
        for (const [index, message] of messages.entries()) {
          if (index === stopAt) stop.abort();
          yield message;
        }
      });
      const out = join(folder, "stopped");
      await assert.rejects(client.getToFile(hash, out, { key: reader, signal: stop.signal }), {
        code: "rpc.cancelled",
      });
      assert.deepEqual(await leftovers(), []);
    }
    assert.ok(!(await readdir(folder)).some((name) => name === "stopped" || name.endsWith(".part")));
  });

  it("fetches no more mail at once than fits", async () => {
    const letter = { uuid: { value: crypto.randomUUID() }, data: new Uint8Array(4_000_000) };
    let sent = 0;
    const server = await startRpcServer({
      port: 0,
      services: [
        service(objectStore.MailboxService, {
          async *get() {
            for (; ; sent++) yield letter;
          },
        }),
      ],
    });
    servers.push(server);
    await using client = new ObjectClient({ url: `grpc://127.0.0.1:${server.port}` });
    assert.equal((await client.mail(reader)).length, 17);
    assert.ok(sent < 30, `${sent} letters`);
  });

  it("replaces a file, and nothing else that bears a name", async () => {
    await using client = await giving(function* () {
      yield streamHeader();
      yield data(whole.subarray(0, 2_000_000), "DIME");
      yield data(whole.subarray(2_000_000));
      yield end;
    });
    const file = join(folder, "old.bin");
    await writeFile(file, "old", { mode: 0o644 });
    await client.getToFile(hash, file, { key: reader });
    assert.ok((await readFile(file)).equals(content));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const directory = join(folder, "directory");
    await mkdir(directory);
    const names = [directory];
    if (process.platform !== "win32") {
      const pipe = join(folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      names.push(pipe);
    }
    for (const path of names) {
      await assert.rejects(client.getToFile(hash, path, { key: reader }), { code: "input.invalid" });
    }
    if (process.platform !== "win32") assert.ok((await stat(names[1]!)).isFIFO());
    assert.ok(!(await readdir(folder)).some((name) => name.endsWith(".part")));
  });

  it("says when its folder for ciphertext cannot be used", async () => {
    await using client = await giving(
      function* () {
        yield streamHeader();
        yield data(whole.subarray(0, 2_000_000), "DIME");
        yield data(whole.subarray(2_000_000));
        yield end;
      },
      { spoolFolder: join(folder, "absent") },
    );
    await assert.rejects(read(client), (error: P8eError) => {
      assert.equal(error.code, "configuration.invalid");
      assert.deepEqual(error.facts, { folder: join(folder, "absent"), reason: "ENOENT" });
      return true;
    });
  });

  it("says when a file to store went away", async () => {
    await using client = await clientOf({ put: () => new Promise<never>(() => undefined) });
    const path = join(folder, "gone.bin");
    await writeFile(path, content);
    const source = await fileSource(path);
    await rm(path);
    await assert.rejects(client.put(source, own), { code: "input.invalid" });
  });

  it("goes on trying for its whole patience after a long call that was lost", async () => {
    let calls = 0;
    await using client = await giving(async function* () {
      yield streamHeader();
      if (++calls === 1) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        throw new P8eError("store.unavailable", "going down");
      }
      yield data(whole.subarray(0, 2_000_000), "DIME");
      yield data(whole.subarray(2_000_000));
      yield end;
    });
    assert.deepEqual(await read(client), content);
    assert.equal(calls, 2);
  });
});
