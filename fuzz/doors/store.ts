import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { create, type DescMethod, toBinary } from "@bufbuild/protobuf";
import { hexDecode } from "@p8e/core";
import { openObjectStore, parseStoreConfiguration } from "@p8e/object-store";
import * as mailbox from "@p8e/proto/mailbox";
import * as store from "@p8e/proto/object-store";
import { RawClient } from "../call-server.ts";
import type { Door } from "../door.ts";
import { messageBytes } from "../grammar.ts";
import type { Random } from "../random.ts";
import { STORE_DATABASE, type StoreDatabase } from "../store-database.ts";

const BYTES_MAX = 256 * 1024;
const methods: readonly DescMethod[] = [
  store.ObjectService,
  store.MailboxService,
  mailbox.Mailbox,
  store.PublicKeyService,
].flatMap((service) => service.methods);
const put = methods.findIndex(({ parent, name }) => parent === store.ObjectService && name === "Put");

/** The services of a store; the first byte chooses the method, then come messages by length. */
export async function openDoor(): Promise<Door> {
  const folder = await mkdtemp(join(tmpdir(), "p8e-fuzz-store-"));
  const { host, port, name, password } = JSON.parse(process.env[STORE_DATABASE]!) as StoreDatabase;
  const configuration = parseStoreConfiguration({
    OS_URL: "127.0.0.1",
    OS_PORT: "0",
    URI_HOST: "127.0.0.1",
    TRACE_HEADER: "x-trace",
    DB_HOST: host,
    DB_PORT: String(port),
    DB_USER: name,
    DB_PASS: password,
    DB_NAME: name,
    DB_SCHEMA: "public",
    DB_CONNECTION_POOL_SIZE: "2",
    STORAGE_TYPE: "file_system",
    STORAGE_BASE_PATH: folder,
    STORAGE_THRESHOLD: "5000",
  });
  const server = await openObjectStore(configuration);
  const client = new RawClient(`http://127.0.0.1:${server.port}`);
  const containers = [
    ...readFileSync(new URL("../../vectors/dime.json", import.meta.url), "utf8").matchAll(/"([0-9a-f]{40,})"/g),
  ].map(([, hex]) => hexDecode(hex!));
  return {
    seeds: [
      ...methods.map((_, index) => Uint8Array.of(index, 0, 0)),
      ...containers.filter(({ length }) => length < 20_000).map((bytes) => framed(put, stream(bytes, bytes.length))),
    ],
    bytesMax: BYTES_MAX,
    generate: (random) => request(random, containers),
    async run(input) {
      const { parent, name } = methods[(input[0] ?? 0) % methods.length]!;
      await client.call(`/${parent.typeName}/${name}`, messagesOf(input));
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function request(random: Random, containers: readonly Uint8Array[]): Uint8Array {
  if (random.oneIn(2)) {
    const container = Uint8Array.from(random.pick(containers));
    if (container.length > 0) container[random.below(container.length)] = random.next() & 255;
    return framed(put, stream(container, container.length + (random.oneIn(3) ? random.size(10) : 0)));
  }
  const index = random.below(methods.length);
  const count = 1 + random.below(4);
  const { input } = methods[index]!;
  return framed(
    index,
    Array.from({ length: count }, () => messageBytes(random, input, { bytesMax: 20_000 })),
  );
}

/** The messages of a put, as an honest client makes them. */
function stream(container: Uint8Array, contentLength: number): readonly Uint8Array[] {
  const message = (init: Parameters<typeof create<typeof store.ChunkBidiSchema>>[1]) =>
    toBinary(store.ChunkBidiSchema, create(store.ChunkBidiSchema, init));
  const header = { streamLength: 1n, contentLength: BigInt(contentLength) };
  return [
    message({ impl: { case: "multiStreamHeader", value: { streamCount: 1, metadata: {} } } }),
    message({
      impl: { case: "chunk", value: { header, impl: { case: "data", value: container } } },
    }),
    message({ impl: { case: "chunk", value: { impl: { case: "end", value: {} } } } }),
  ];
}

function framed(index: number, messages: readonly Uint8Array[]): Uint8Array {
  const parts = messages.flatMap((bytes) => [bytes.length & 255, bytes.length >> 8, ...bytes]);
  return Uint8Array.from([index, ...parts]);
}

function messagesOf(input: Uint8Array): readonly Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 1; at + 2 <= input.length; ) {
    const length = input[at]! + input[at + 1]! * 256;
    messages.push(input.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return messages;
}
