// Our .proto files were written from tables. Here messages with every field filled go to the classes that others use: each
// field must come out under the same name with the same value, and what an older release does not know yet is listed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { create, type DescMessage, type JsonObject, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { base64Encode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as envelope from "@p8e/proto/envelope";
import * as fees from "@p8e/proto/fees";
import { javaClassName } from "@p8e/proto/java-class-name";
import * as metadata from "@p8e/proto/metadata";
import * as objectStore from "@p8e/proto/object-store";
import * as scope from "@p8e/proto/scope";
import { readByChainClasses } from "../chain.ts";
import { findJvmPeer, JvmDriver, type JvmError } from "../driver.ts";
import { optionalPeer } from "../maven.ts";
import { sampleMessage, variantsOf } from "../sample-message.ts";

const peer = await findJvmPeer();

/** What the published client of release 0.4.6 does not know: later additions, and the store's own messages. */
const LATER_THAN_CLIENT = [
  "io.provenance.scope.contract.DefinitionSpec.optional",
  "io.provenance.scope.contract.ExecutionResult.fuel",
  "objectstore.AckRequest.public_key",
  "objectstore.Audience",
  "objectstore.ConfigResponse",
  "objectstore.Dime",
  "objectstore.GetConfigRequest",
  "objectstore.HeaderAuth",
  "objectstore.Payload",
  "objectstore.PublicKeyRequest.header_auth",
  "objectstore.PublicKeyResponse.header_auth",
  "objectstore.SetConfigRequest",
];

/** Every message that a namespace of @p8e/proto exports, namespaces inside it included. */
function messagesOf(namespace: object): DescMessage[] {
  return Object.values(namespace).flatMap((value: unknown) => {
    if (typeof value !== "object" || value === null) return [];
    const { kind } = value as { kind?: unknown };
    if (kind === "message") return [value as DescMessage];
    return kind === undefined ? messagesOf(value) : [];
  });
}

interface Sample {
  readonly desc: DescMessage;
  readonly className: string;
  readonly bytes: Uint8Array;
  readonly json: JsonValue;
}

function samplesOf(descs: readonly DescMessage[]): Sample[] {
  return descs.flatMap((desc) =>
    Array.from({ length: variantsOf(desc) }, (_, variant): Sample => {
      const message = sampleMessage(desc, variant);
      return {
        desc,
        className: javaClassName(desc),
        bytes: toBinary(desc, message),
        json: toJson(desc, message, { useProtoFieldName: true }),
      };
    }),
  );
}

/** What theirs made of our messages: fields (or whole messages) it does not know, and fields it reads otherwise. */
class Comparison {
  read = 0;
  readonly #unknown = new Set<string>();
  readonly #different = new Set<string>();

  get unknown(): readonly string[] {
    return [...this.#unknown].sort();
  }

  get different(): readonly string[] {
    return [...this.#different].sort();
  }

  add({ desc, json }: Sample, theirs: JsonValue | undefined): void {
    if (theirs === undefined) this.#unknown.add(desc.typeName);
    else {
      this.#compare(desc, json, theirs);
      this.read += 1;
    }
  }

  #compare(desc: DescMessage, ours: JsonValue, theirs: JsonValue): void {
    if (!isObject(ours) || !isObject(theirs)) {
      if (!isDeepStrictEqual(theirs, ours)) this.#different.add(desc.typeName);
      return;
    }
    for (const name of Object.keys(theirs)) if (!(name in ours)) this.#different.add(`${desc.typeName}.${name}`);
    for (const [name, value] of Object.entries(ours)) this.#compareField(desc, name, value, theirs[name]);
  }

  #compareField(desc: DescMessage, name: string, ours: JsonValue, theirs: JsonValue | undefined): void {
    const where = `${desc.typeName}.${name}`;
    const field = desc.fields.find((each) => each.name === name);
    if (theirs === undefined) this.#unknown.add(where);
    else if (!field?.message) {
      if (!isDeepStrictEqual(theirs, ours)) this.#different.add(where);
    } else if (field.fieldKind === "message") this.#compare(field.message, ours, theirs);
    else {
      const [mine, yours] = [ours, theirs].map((value) => Object.values(value as object) as JsonValue[]);
      if (mine?.length !== yours?.length) this.#different.add(where);
      for (const [index, value] of mine?.entries() ?? []) this.#compare(field.message, value, yours?.[index] ?? null);
    }
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

describe("messages of ours in the classes of others", { skip: peer.missing ?? false }, () => {
  if (peer.missing !== undefined) return;

  test("of the SDK and the store: every field means the same to the published client", async () => {
    await using jvm = new JvmDriver(peer.classpath);
    const found = new Comparison();
    for (const sample of samplesOf([scope, envelope, objectStore].flatMap(messagesOf))) {
      const request = { classname: sample.className, message: base64Encode(sample.bytes) };
      const theirs = await jvm.call("json", request).catch((error: JvmError) => {
        if (error.type !== "java.lang.ClassNotFoundException") throw error;
      });
      found.add(sample, theirs?.json);
    }
    assert.deepEqual(found.different, []);
    assert.deepEqual(found.unknown, LATER_THAN_CLIENT);
    assert.equal(found.read, 46);
  });

  test("an executed contract that names its fuel is read and written again unchanged, and so is its evidence", async () => {
    await using jvm = new JvmDriver(peer.classpath);
    const { PASS, FAIL } = scope.ExecutionResult_Result;
    const contract = sampleMessage(scope.ContractSchema, 0) as scope.Contract;
    contract.considerations = [
      { considerationName: "passed", result: { output: { name: "a", hash: "aGFzaA==" }, result: PASS, fuel: 1n } },
      { considerationName: "failed", result: { errorMessage: "no", result: FAIL, fuel: 4_000_000_000n } },
      { considerationName: "largest", result: { result: PASS, fuel: 2n ** 64n - 1n } },
    ].map((each) => create(scope.ConsiderationProtoSchema, each));
    const envelope = sampleMessage(scope.EnvelopeSchema, 0) as scope.Envelope;
    envelope.contract = contract;
    for (const [desc, bytes] of [
      [scope.ContractSchema, toBinary(scope.ContractSchema, contract)],
      [scope.EnvelopeSchema, toBinary(scope.EnvelopeSchema, envelope)],
    ] as const) {
      const answer = await jvm.call("reserialize", { classname: javaClassName(desc), message: base64Encode(bytes) });
      assert.equal(answer.bytes, base64Encode(bytes), desc.typeName);
    }
  });

  test("of the chain: every field means the same to the classes that its other clients use", async () => {
    const samples = samplesOf([metadata, cosmos, fees].flatMap(messagesOf));
    const found = new Comparison();
    const answers = await optionalPeer("the chain's classes", () => readByChainClasses(samples));
    if (!answers) return;
    for (const [index, theirs] of answers.entries()) found.add(samples[index]!, theirs);
    // Bytes in the release of that time, text in the CometBFT of today.
    assert.deepEqual(found.different, ["tendermint.abci.EventAttribute.key", "tendermint.abci.EventAttribute.value"]);
    const later = readFileSync(new URL("../chain/later-than-1.10.0.txt", import.meta.url), "utf8");
    assert.deepEqual(found.unknown, later.trim().split("\n"));
    assert.equal(found.read, 288);
  });
});
