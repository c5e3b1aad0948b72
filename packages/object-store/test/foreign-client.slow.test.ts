// The store's services called by @grpc/grpc-js, with nothing of our client in between.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type DescMessage, type DescMethod, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import * as health from "@p8e/proto/health";
import * as objectStore from "@p8e/proto/object-store";
import {
  buildContainer,
  type ChunkInit,
  newHash,
  newParties,
  patternBytes,
  putMessages,
  SIGNATURE,
  SIGNATURE_PUBLIC_KEY,
  storedForm,
  TestStore,
} from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";

const harness = new LocalHarness();
const { put, get } = objectStore.ObjectService.method;

const pathOf = (method: DescMethod) => `/${method.parent.typeName}/${method.name}`;
const encoder = (schema: DescMessage) => (message: MessageShape<DescMessage>) => Buffer.from(toBinary(schema, message));
const decoder =
  <D extends DescMessage>(schema: D) =>
  (bytes: Buffer) =>
    fromBinary(schema, bytes);

function upload(client: Client, messages: readonly ChunkInit[]): Promise<objectStore.ObjectResponse> {
  return new Promise((resolve, reject) => {
    const call = client.makeClientStreamRequest(
      pathOf(put),
      encoder(put.input),
      decoder(put.output),
      new Metadata(),
      {},
      (error: ServiceError | null, answer) => (error === null ? resolve(answer!) : reject(error)),
    );
    call.on("error", () => {});
    for (const message of messages) call.write(create(put.input, message));
    call.end();
  });
}

function download(
  client: Client,
  hash: Uint8Array,
  publicKey: Uint8Array,
): ClientReadableStream<objectStore.ChunkBidi> {
  const request = create(get.input, { hash, publicKey });
  return client.makeServerStreamRequest(pathOf(get), encoder(get.input), decoder(get.output), request);
}

async function dataOf(call: AsyncIterable<objectStore.ChunkBidi>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const { impl } of call) {
    if (impl.case === "chunk" && impl.value.impl.case === "data") parts.push(impl.value.impl.value);
  }
  return Buffer.concat(parts);
}

describe("a grpc-js client of a store", () => {
  it("puts objects from 0 bytes to 5 MB, and gets each back", async () => {
    await using store = await TestStore.open(harness);
    const client = new Client(`${store.store.host}:${store.store.port}`, credentials.createInsecure());
    const [party] = newParties(1);
    for (const size of [0, 1000, 5_000_000]) {
      const container = { audience: [party!], payload: patternBytes(size) };
      const hash = newHash();
      const contentLength = BigInt(size);
      const messages = putMessages(buildContainer(container), { hash, chunkBytes: 1_000_000, contentLength });
      assert.deepEqual(new Uint8Array((await upload(client, messages)).hash), hash);
      const stored = await dataOf(download(client, hash, party!.raw));
      assert.ok(
        stored.equals(storedForm(container, SIGNATURE, SIGNATURE_PUBLIC_KEY)),
        `${size} bytes came back changed`,
      );
    }
    client.close();
  });

  it("is told statuses, and may leave a download in the middle", async () => {
    await using store = await TestStore.open(harness);
    const client = new Client(`${store.store.host}:${store.store.port}`, credentials.createInsecure());
    const [party] = newParties(1);
    await assert.rejects(dataOf(download(client, newHash(), party!.raw)), { code: status.NOT_FOUND });
    const hash = newHash();
    const container = buildContainer({ audience: [party!], payload: patternBytes(4_000_000) });
    await upload(client, putMessages(container, { hash, chunkBytes: 1_000_000, contentLength: 4_000_000n }));
    for (let round = 0; round < 5; round += 1) {
      const call = download(client, hash, party!.raw);
      call.on("error", () => {});
      await new Promise((resolve) => call.once("data", resolve));
      call.cancel();
    }
    const { check } = health.Health.method;
    const serving = await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        pathOf(check),
        encoder(check.input),
        decoder(check.output),
        create(check.input),
        (error: ServiceError | null, answer?: health.HealthCheckResponse) =>
          error === null ? resolve(answer?.status) : reject(error),
      );
    });
    assert.equal(serving, health.HealthCheckResponse_ServingStatus.SERVING);
    client.close();
  });
});
