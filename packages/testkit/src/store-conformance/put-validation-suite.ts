import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { utf8Encode } from "@p8e/core";
import * as objectStore from "@p8e/proto/object-store";
import { type Codec, messageCodec, rpcMethod } from "@p8e/rpc";
import { expectStatus } from "./expect-status.ts";
import { buildContainer, joined, newHash, newParties, SIGNATURE, SIGNATURE_PUBLIC_KEY } from "./fixtures.ts";
import { type ChunkInit, dataChunk, endChunk, propertyChunk, putMessages, streamHeader } from "./store-client.ts";
import type { StoreHarness } from "./store-under-test.ts";
import { sharedStore } from "./test-store.ts";

const first = () => dataChunk(buildContainer({ audience: newParties(1) }), { contentLength: 1n });
const properties = (): ChunkInit[] => [
  propertyChunk("HASH", newHash()),
  propertyChunk("SIGNATURE", SIGNATURE),
  propertyChunk("SIGNATURE_PUBLIC_KEY", SIGNATURE_PUBLIC_KEY),
];
/** Sends bytes as they are. */
const rawCodec: Codec<objectStore.ChunkBidi, Uint8Array> = {
  decode: messageCodec(objectStore.ChunkBidiSchema).decode,
  encode: (bytes) => bytes,
};
const emptyChunk: ChunkInit = { impl: { case: "chunk", value: {} } };

/** Malformed uploads, in the order in which a store looks at them, and what it says. */
const cases: readonly (readonly [title: string, message: string, messages: () => readonly ChunkInit[]])[] = [
  ["no message at all", "Multipart upload is empty", () => []],
  [
    "a chunk before the stream header",
    "Multipart upload must start with a multi stream header",
    () => [first(), ...properties()],
  ],
  [
    "two streams",
    "Multipart upload must contain a single stream",
    () => [streamHeader(2), first(), ...properties(), endChunk()],
  ],
  ["a stream header alone", "Multi stream has a header but no chunks", () => [streamHeader()]],
  ["a second stream header", "Chunk has no impl value", () => [streamHeader(), streamHeader(), ...properties()]],
  [
    "a first chunk without a header",
    "Multi stream must start with a header",
    () => [streamHeader(), dataChunk(Uint8Array.of(1)), ...properties()],
  ],
  [
    "a first chunk that is a property",
    "Chunk header must have data and not a value",
    () => [streamHeader(), propertyChunk("HASH", newHash()), ...properties()],
  ],
  [
    "a first chunk that is an end",
    "Chunk header must have data and not an end of chunk",
    () => [streamHeader(), { impl: { case: "chunk", value: { header: {}, impl: { case: "end", value: {} } } } }],
  ],
  [
    "a first chunk that is nothing",
    "Chunk header must have data and not an empty impl",
    () => [streamHeader(), { impl: { case: "chunk", value: { header: {} } } }],
  ],
  [
    "a stream header among the chunks",
    "Non chunk detected in stream",
    () => [streamHeader(), first(), streamHeader(), ...properties()],
  ],
  [
    "data after the end",
    "Received data chunk after an end of data chunk",
    () => [streamHeader(), first(), endChunk(), dataChunk(Uint8Array.of(1)), ...properties()],
  ],
  [
    "a property without a name",
    "Must have stream header when impl is value",
    () => [streamHeader(), first(), { impl: { case: "chunk", value: { impl: { case: "value", value: newHash() } } } }],
  ],
  [
    "a later chunk that is nothing",
    "Chunk header must have data and not an empty impl",
    () => [streamHeader(), first(), emptyChunk, ...properties()],
  ],
  ["no hash", 'Properties must contain "HASH"', () => [streamHeader(), first(), ...properties().slice(1)]],
  [
    "no signature",
    'Properties must contain "SIGNATURE_FIELD_NAME"',
    () => [streamHeader(), first(), ...properties().toSpliced(1, 1)],
  ],
  [
    "no signature key",
    'Properties must contain "SIGNATURE_PUBLIC_KEY_FIELD_NAME"',
    () => [streamHeader(), first(), ...properties().slice(0, 2)],
  ],
];

const container = () => buildContainer({ audience: newParties(1) });
const changed = (at: number, ...values: readonly number[]) => {
  const bytes = container();
  bytes.set(values, at);
  return bytes;
};

/** Containers that a store refuses; the texts are contract where they are given. */
const containers: readonly (readonly [title: string, message: string | undefined, bytes: () => Uint8Array])[] = [
  [
    "wrong magic bytes",
    'DimeError(InvalidMagicBytesError("Invalid magic bytes of 257"))',
    () => changed(0, 0, 0, 1, 1),
  ],
  ["version 5", "DimeError(InvalidVersionError(5))", () => changed(4, 0, 5)],
  [
    "a uuid of ten bytes",
    "DimeError(InvalidUuidSizeError(10))",
    () => {
      // Really ten of them: at a length that is merely wrong the original loses its way and resets the stream.
      const bytes = changed(6, 0, 0, 0, 10);
      return joined(bytes.subarray(0, 20), bytes.subarray(26));
    },
  ],
  [
    "metadata that is not an object of strings",
    undefined,
    () => {
      const bytes = container();
      // the two bytes of "{}"
      bytes.set(utf8Encode("[]"), 30);
      return bytes;
    },
  ],
];

/** Malformed uploads are refused with the reference's status and words, and leave nothing behind. */
export function putValidationSuite(harness: StoreHarness): void {
  describe("ObjectService.Put refuses", () => {
    const store = sharedStore(harness);

    for (const [title, message, messages] of cases) {
      it(title, async () => {
        await expectStatus(store().client.send(messages()), "INVALID_ARGUMENT", message);
      });
    }

    for (const [title, message, bytes] of containers) {
      it(`a container with ${title}`, async () => {
        const call = store().client.put(bytes(), { hash: newHash() });
        await expectStatus(call, "INVALID_ARGUMENT", message);
      });
    }

    it("what is no message of a stream at all", async () => {
      const raw = rpcMethod(objectStore.ObjectService.method.put, { request: rawCodec });
      const messages = [
        toBinary(objectStore.ChunkBidiSchema, create(objectStore.ChunkBidiSchema, streamHeader())),
        Uint8Array.of(0xff, 0xff, 0xff),
      ];
      await expectStatus(
        store().client.rpc.clientStream(raw, messages),
        "INVALID_ARGUMENT",
        /^Error received instead of ChunkBidi - /,
      );
    });

    it("a container whose owner is missing, when it has to know whom to replicate to", async () => {
      await expectStatus(
        store().client.put({ audience: newParties(1), owner: null }, { hash: newHash() }),
        "INVALID_ARGUMENT",
        "Invalid Dime proto - audience list",
      );
    });

    it("a missing property before it looks at a broken container", async () => {
      const messages = [streamHeader(), dataChunk(Uint8Array.of(1, 2, 3, 4, 5), {}), endChunk()];
      await expectStatus(store().client.send(messages), "INVALID_ARGUMENT", 'Properties must contain "HASH"');
    });

    it("and has stored nothing of all this", async () => {
      assert.equal(await store().database.objects(), 0);
    });

    it("but takes data of no bytes, several ends and none", async () => {
      const [owner] = newParties(1);
      const bytes = buildContainer({ audience: [owner!] });
      const hash = newHash();
      const data = putMessages(bytes, { hash }).slice(0, -1);
      await store().client.send([...data.toSpliced(2, 0, dataChunk(new Uint8Array(0))), endChunk(), endChunk()]);
      await store().client.send(putMessages(joined(bytes), { hash: newHash() }).slice(0, -1));
      assert.equal((await store().client.get(hash, owner!)).messages.length, 3);
    });
  });
}
