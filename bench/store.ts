// The object store from outside: puts of 1 KB per second, with group commit and with a transaction for each, and one
// large object put and got, beside a plain copy with SHA-256 of the same bytes. All rows come from the same run, on an
// embedded PostgreSQL with fsync on; the store runs in a process of its own, and rounds take turns.
import { type ChildProcess, fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { openLocalPostgres } from "@p8e/local-postgres";
import { openObjectStore, parseStoreConfiguration } from "@p8e/object-store";
import * as objectStore from "@p8e/proto/object-store";
import { type Codec, connectRpc, messageCodec, type RpcClient, rpcMethod } from "@p8e/rpc";
import { buildContainer, localStoreVariables, newHash, newParties, putMessages } from "@p8e/testkit";

const ROUNDS = 3;
const SMALL_PUTS = 1500;
const SMALL_BYTES = 1000;
const AT_ONCE = 64;
const LARGE_BYTES = 192_000_000;
const CHUNK_BYTES = 2_000_000;

const { ChunkBidiSchema, ObjectService } = objectStore;
/** Requests are encoded beforehand, so that the store is measured and not the client's encoder. */
const prepared: Codec<objectStore.ChunkBidi, Uint8Array> = {
  decode: messageCodec(ChunkBidiSchema).decode,
  encode: (bytes) => bytes,
};
/** Responses stay bytes: only their arrival counts. */
const opaque: Codec<Uint8Array, never> = { decode: (bytes) => bytes, encode: (message) => message };
const put = rpcMethod(ObjectService.method.put, { request: prepared });
const get = rpcMethod(ObjectService.method.get, { response: opaque });

async function serve(): Promise<void> {
  const store = await openObjectStore(parseStoreConfiguration(process.env), {
    groupCommit: process.env.BENCH_GROUP_COMMIT !== "false",
  });
  process.send?.(store.port);
  process.once("disconnect", async () => {
    await store[Symbol.asyncDispose]();
    process.exit(0);
  });
}

function startStore(environment: Readonly<Record<string, string>>): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(fileURLToPath(import.meta.url), ["serve"], { env: { ...process.env, ...environment } });
  return new Promise((resolve, reject) => {
    child.once("message", (port) => resolve({ child, port: Number(port) }));
    child.once("exit", (code) => reject(new Error(`the store ended with ${code}`)));
  });
}

const parties = newParties(3);

function encodedPut(payload: Uint8Array, hash: Uint8Array, chunkBytes: number): readonly Uint8Array[] {
  const messages = putMessages(buildContainer({ audience: parties, payload }), { hash, chunkBytes });
  return messages.map((message) => toBinary(ChunkBidiSchema, create(ChunkBidiSchema, message)));
}

async function smallPuts(client: RpcClient): Promise<number> {
  const puts = Array.from({ length: SMALL_PUTS }, () => encodedPut(randomBytes(SMALL_BYTES), newHash(), CHUNK_BYTES));
  const start = performance.now();
  const worker = async () => {
    for (let messages = puts.pop(); messages; messages = puts.pop()) await client.clientStream(put, messages);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return SMALL_PUTS / ((performance.now() - start) / 1000);
}

const megabytesPerSecond = (start: number) => LARGE_BYTES / 1e6 / ((performance.now() - start) / 1000);

async function copyWithDigest(folder: string, payload: Uint8Array): Promise<{ written: number; read: number }> {
  const path = join(folder, "copy");
  await using file = await open(path, "w+");
  let start = performance.now();
  const hash = createHash("sha256");
  for (let at = 0; at < payload.length; at += CHUNK_BYTES) {
    const piece = payload.subarray(at, at + CHUNK_BYTES);
    hash.update(piece);
    await file.write(piece, 0, piece.length, at);
  }
  await file.datasync();
  const written = megabytesPerSecond(start);
  start = performance.now();
  const back = createHash("sha256");
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let at = 0; at < payload.length; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    back.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  if (back.digest("hex") !== hash.digest("hex")) throw new Error("the copy differs");
  const read = megabytesPerSecond(start);
  await rm(path);
  return { written, read };
}

function row(name: string, samples: readonly number[], unit: string): void {
  const sorted = samples.toSorted((left, right) => left - right);
  const [median, least, most] = [sorted[sorted.length >> 1]!, sorted[0]!, sorted.at(-1)!];
  const spread = `${least.toFixed(0)} to ${most.toFixed(0)}`;
  process.stdout.write(`  ${name.padEnd(46)}${median.toFixed(0).padStart(8)} ${unit}   (${spread})\n`);
}

async function main(): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "p8e-bench-store-"));
  const postgres = await openLocalPostgres({ dataDir: join(root, "postgres") });
  const children: ChildProcess[] = [];
  const openStore = async (name: string, groupCommit: boolean) => {
    await postgres.createDatabase(name, name, "bench");
    await mkdir(join(root, name));
    const place = { host: postgres.host, port: postgres.port };
    const database = { ...place, name, user: name, password: "bench", schema: "public" };
    const { child, port } = await startStore({
      ...localStoreVariables(database, join(root, name)),
      URI_HOST: "bench",
      DB_CONNECTION_POOL_SIZE: "16",
      BENCH_GROUP_COMMIT: String(groupCommit),
    });
    children.push(child);
    return connectRpc({ host: "127.0.0.1", port });
  };
  try {
    const grouped = await openStore("grouped", true);
    const single = await openStore("single", false);
    const [withGroups, alone]: [number[], number[]] = [[], []];
    for (let round = -1; round < ROUNDS; round++) {
      const rates = [await smallPuts(grouped), await smallPuts(single)] as const;
      if (round < 0) continue; // the first of each warms up
      withGroups.push(rates[0]);
      alone.push(rates[1]);
    }
    const payload = new Uint8Array(randomBytes(LARGE_BYTES));
    const rates = { put: [], get: [], written: [], read: [] } as Record<string, number[]>;
    for (let round = 0; round < ROUNDS; round++) {
      const copy = await copyWithDigest(root, payload);
      rates.written!.push(copy.written);
      rates.read!.push(copy.read);
      const hash = newHash();
      const messages = encodedPut(payload, hash, CHUNK_BYTES);
      let start = performance.now();
      await grouped.clientStream(put, messages);
      rates.put!.push(megabytesPerSecond(start));
      start = performance.now();
      let bytes = 0;
      for await (const message of grouped.serverStream(get, { hash, publicKey: parties[0]!.raw })) {
        bytes += message.length;
      }
      if (bytes < LARGE_BYTES) throw new Error("the object came back short");
      rates.get!.push(megabytesPerSecond(start));
    }
    process.stdout.write(
      `${cpus()[0]?.model}, ${cpus().length} cores for client, store and database; Node ${process.version}; ` +
        `medians of ${ROUNDS} rounds (least to most)\n`,
    );
    process.stdout.write(`puts of ${SMALL_BYTES} bytes for three readers, ${AT_ONCE} at once\n`);
    row("group commit", withGroups, "puts/s");
    row("a transaction each (one statement)", alone, "puts/s");
    process.stdout.write(`one object of ${LARGE_BYTES / 1e6} MB\n`);
    row("put", rates.put!, "MB/s");
    row("plain write, SHA-256 and fsync", rates.written!, "MB/s");
    row("get", rates.get!, "MB/s");
    row("plain read and SHA-256", rates.read!, "MB/s");
    await grouped[Symbol.asyncDispose]();
    await single[Symbol.asyncDispose]();
  } finally {
    for (const child of children) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await gone;
    }
    await postgres[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  }
}

await (process.argv[2] === "serve" ? serve() : main());
