// The known answers for containers, hashes and identifiers, given to the published jars.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { findJvmPeer, JvmDriver } from "../driver.ts";
import {
  base64,
  base64ToHex,
  developmentKey,
  fromBase64,
  fromHex,
  hexToBase64,
  type KeyVector,
  vector,
  vectors,
} from "../vectors.ts";

const peer = await findJvmPeer();

const CONTRACT_SPECIFICATION = "io.provenance.scope.contract.proto.Specifications$ContractSpec";

interface ContainerVector {
  readonly plaintextHex: string;
  readonly hashBase64: string;
  readonly objectUuid: string;
  readonly signatureDerBase64: string;
  readonly signaturePublicKeyPem?: string;
  readonly uploadedContainerBase64: string;
  readonly storedContainerBase64: string;
  readonly readers?: readonly string[];
}

describe("vectors: envelopes, hashes and identifiers", { skip: peer.missing ?? false }, () => {
  const jvm = new JvmDriver(peer.classpath ?? "");
  after(() => jvm[Symbol.asyncDispose]());
  const [dev1, dev2, dev3] = [developmentKey(1), developmentKey(2), developmentKey(3)];

  describe("dime.json", () => {
    for (const id of ["reference-a", "reference-b", "reference-c", "fixed"]) {
      const each = vector<ContainerVector>("dime", id);
      const readers = each.readers?.map((name) => vector<KeyVector>("keys", name.split(" ").at(-1) ?? "")) ?? [
        dev1,
        dev2,
      ];
      const signerPem = each.signaturePublicKeyPem ?? dev1.publicKeyPem ?? "";
      const signer = [dev1, dev2, dev3].find((party) => party.publicKeyPem === signerPem) ?? dev1;

      test(`${id}: every reader opens and verifies the stored container, with and without an expected signer`, async () => {
        for (const reader of readers) {
          for (const expected of [{}, { expectedSigner: signer.publicKeyUncompressed }]) {
            const opened = await jvm.call("open", {
              container: each.storedContainerBase64,
              privateKey: reader.privateKey,
              ...expected,
            });
            assert.equal(base64ToHex(opened.plaintext ?? "absent"), each.plaintextHex);
            assert.equal(opened.verified, true);
            assert.equal(opened.uuid, each.objectUuid);
            assert.deepEqual(opened.signatures, [{ signature: each.signatureDerBase64, publicKey: base64(signerPem) }]);
          }
        }
      });

      test(`${id}: the uploaded container cannot be read, for it has no signature yet`, async () => {
        await assert.rejects(
          jvm.call("open", { container: each.uploadedContainerBase64, privateKey: dev1.privateKey }),
          { type: "java.lang.IllegalStateException", message: /^Signature is missing from object/ },
        );
      });

      test(`${id}: the published writer makes the stored container out of the uploaded one, byte for byte`, async () => {
        const stored = await jvm.call("store", {
          container: each.uploadedContainerBase64,
          signature: each.signatureDerBase64,
          signerPem,
        });
        assert.equal(stored.container, each.storedContainerBase64);
      });

      test(`${id}: nobody outside the audience opens it`, async () => {
        const outsider = await jvm.call("generateKey", {});
        await assert.rejects(
          jvm.call("open", { container: each.storedContainerBase64, privateKey: outsider.privateKey }),
          { type: "java.lang.IllegalStateException", message: /^Audience list does not contain Audience of member/ },
        );
      });
    }

    test("fixed: another expected signer is refused with its hexadecimal key", async () => {
      const { storedContainerBase64: container } = vector<ContainerVector>("dime", "fixed");
      await assert.rejects(
        jvm.call("open", {
          container,
          privateKey: dev1.privateKey,
          expectedSigner: dev3.publicKeyUncompressed,
        }),
        {
          type: "java.lang.IllegalStateException",
          message: `Unable to find signature in object for public key ${dev3.publicKeyProtoHex}`,
        },
      );
    });

    test("legacy-text: owner, transfer and processing audience open it, each with its AAD", async () => {
      const legacy = vector<{ payloadText: string; dimeProtoBase64: string; processingAudienceBase64: string[] }>(
        "dime",
        "legacy-text",
      );
      const dime = { dime: legacy.dimeProtoBase64, payloadAad: "AAD" };
      const owner = await jvm.call("openText", { ...dime, privateKey: dev1.privateKey, dekAad: "AAD" });
      assert.equal(owner.text, legacy.payloadText);
      const transfer = await jvm.call("openText", { ...dime, privateKey: dev2.privateKey });
      assert.equal(transfer.text, legacy.payloadText);
      const [processing] = legacy.processingAudienceBase64;
      assert(processing);
      const third = await jvm.call("openText", { ...dime, privateKey: dev3.privateKey, dekAad: "AAD", processing });
      assert.equal(third.text, legacy.payloadText);
    });

    test("text-raw: the owner opens it", async () => {
      const raw = vector<{ payloadText: string; dimeProtoBase64: string }>("dime", "text-raw");
      const opened = await jvm.call("openText", { dime: raw.dimeProtoBase64, privateKey: dev1.privateKey });
      assert.equal(opened.text, raw.payloadText);
    });

    test("rust-complete-parse: the jars read the store's own test container", async () => {
      const rust = vector<{ containerHex: string; uuid: string; uri: string }>("dime", "rust-complete-parse");
      const parsed = await jvm.call("parse", { container: hexToBase64(rust.containerHex) });
      assert.deepEqual(
        { uuid: parsed.uuid, uri: parsed.uri, metadata: parsed.metadata, signatures: parsed.signatures },
        { uuid: rust.uuid, uri: rust.uri, metadata: { one: "1", two: "2", three: "3" }, signatures: [] },
      );
    });

    test("rust-complete-parse-with-signatures: a client refuses signatures that are not base64", async () => {
      const { containerHex } = vector<{ containerHex: string }>("dime", "rust-complete-parse-with-signatures");
      await assert.rejects(jvm.call("parse", { container: hexToBase64(containerHex) }), {
        type: "com.fasterxml.jackson.databind.exc.InvalidFormatException",
      });
    });

    test("malformed: each input has the error that the entry names", async () => {
      const { cases } = vector<{ cases: { hex: string; reference: string }[] }>("dime", "malformed");
      assert.equal(cases.length, 5);
      for (const each of cases) {
        await assert.rejects(jvm.call("parse", { container: hexToBase64(each.hex) }), (error: { type?: string }) => {
          assert.equal(error.type?.split(".").at(-1), each.reference, each.hex);
          return true;
        });
      }
    });

    test("json-written: jackson writes the same signature and metadata text", async () => {
      const json = vector<{
        signatures: string;
        emptySignatures: string;
        emptyMetadata: string;
        metadataSample: string;
        metadataSampleInput: Record<string, string | null>;
      }>("dime", "json-written");
      const sectionsOf = async (request: Parameters<typeof jvm.call<"headerJson">>[1]) => {
        const { container, signatures } = await jvm.call("headerJson", request);
        const bytes = fromBase64(container);
        return { metadata: bytes.toString("utf8", 30, 30 + bytes.readUInt32BE(26)), signatures };
      };
      assert.deepEqual(await sectionsOf({}), { metadata: json.emptyMetadata, signatures: json.emptySignatures });
      assert.equal((await sectionsOf({ metadata: json.metadataSampleInput })).metadata, json.metadataSample);
      const [entry] = JSON.parse(json.signatures) as { signature: string; publicKey: string }[];
      assert(entry);
      const signed = await sectionsOf({
        signature: entry.signature,
        signerPem: fromBase64(entry.publicKey).toString("utf8"),
      });
      assert.equal(signed.signatures, json.signatures);
    });
  });

  describe("hashes-identity.json", () => {
    interface HashVector {
      readonly inputUtf8: string;
      readonly sha256Base64: string;
      readonly sha256LoBase64: string;
      readonly sha512Base64: string;
      readonly sha512LoBase64: string;
    }
    for (const each of vectors<HashVector>("hashes-identity").filter((one) => one.sha256LoBase64 !== undefined)) {
      test(`${each.id}: all four forms are equal`, async () => {
        const hash = await jvm.call("hash", { data: base64(each.inputUtf8) });
        assert.deepEqual(
          [hash.sha256, hash.sha256Lo, hash.sha512, hash.sha512Lo],
          [each.sha256Base64, each.sha256LoBase64, each.sha512Base64, each.sha512LoBase64],
        );
      });
    }

    test("contract-spec-identity: the jars write the specification back unchanged and derive its addresses", async () => {
      const spec = vector<{
        contractSpecProtoHex: string;
        loHashBase64: string;
        uuid: string;
        contractSpecAddress: string;
        recordName: string;
        recordSpecAddress: string;
      }>("hashes-identity", "contract-spec-identity");
      const bytes = hexToBase64(spec.contractSpecProtoHex);
      assert.deepEqual(await answerOf(jvm.call("reserialize", { classname: CONTRACT_SPECIFICATION, message: bytes })), {
        bytes,
        lo: spec.loHashBase64,
      });
      assert.equal((await jvm.call("bytesToUuid", { bytes: base64ToHex(spec.loHashBase64) })).uuid, spec.uuid);
      const contract = await jvm.call("metadataAddress", { kind: "contractspec", args: [spec.uuid] });
      assert.equal(contract.bech32, spec.contractSpecAddress);
      const record = await jvm.call("metadataAddress", { kind: "recspec", args: [spec.uuid, spec.recordName] });
      assert.equal(record.bech32, spec.recordSpecAddress);
    });

    test("bytes-to-uuid: reading is in text order, writing swaps the halves", async () => {
      const each = vector<{ bytesHex: string; uuid: string; osClientUuidToBytesHex: string }>(
        "hashes-identity",
        "bytes-to-uuid",
      );
      assert.deepEqual(await answerOf(jvm.call("bytesToUuid", { bytes: each.bytesHex })), {
        uuid: each.uuid,
        written: each.osClientUuidToBytesHex,
      });
    });

    test("base64-leniency: Guava and java.util differ as the entry says", async () => {
      const { rows } = vector<{ rows: [string, string, string, string][] }>("hashes-identity", "base64-leniency");
      for (const [label, guava, javaUtil] of rows) {
        const text = label === "embedded newline" ? "AAAA\nAAAA" : (label.split(" ")[0] ?? "");
        for (const [decoder, expected] of [
          ["guava", guava],
          ["java.util", javaUtil],
        ] as const) {
          if (expected === "not tested") continue;
          const decoded = jvm.call("base64Decode", { decoder, text });
          if (expected === "rejected") {
            await assert.rejects(decoded, { type: "java.lang.IllegalArgumentException" }, `${decoder} ${label}`);
          } else assert.equal((await decoded).hex, expected, `${decoder} ${label}`);
        }
      }
    });
  });

  describe("metadata-address.json", () => {
    interface AddressVector {
      readonly kind?: string;
      readonly args?: readonly string[];
      readonly bytesHex: string;
      readonly bech32: string;
    }
    const addresses = vectors<AddressVector>("metadata-address").filter((one) => one.bech32 !== undefined);

    test("the jars build, print and parse every address", async () => {
      assert.equal(addresses.length, 34);
      for (const each of addresses) {
        for (const form of [{ bech32: each.bech32 }, { bech32: each.bech32.toUpperCase() }, { bytes: each.bytesHex }]) {
          const parsed = await jvm.call("metadataAddressParse", form);
          assert.deepEqual([parsed.bech32, parsed.bytes], [each.bech32, each.bytesHex], each.id);
        }
        if (each.kind === undefined || each.args === undefined) continue;
        const built = await jvm.call("metadataAddress", { kind: each.kind, args: each.args });
        assert.deepEqual([built.bech32, built.bytes], [each.bech32, each.bytesHex], each.id);
      }
    });

    test("invalid: the jars refuse every entry", async () => {
      const invalid = vector<{ rejected: string[]; rejectedBytesHex: Record<string, string> }>(
        "metadata-address",
        "invalid",
      );
      for (const bech32 of invalid.rejected) {
        await assert.rejects(jvm.call("metadataAddressParse", { bech32 }), {
          type: "java.lang.IllegalArgumentException",
        });
      }
      for (const [name, bytes] of Object.entries(invalid.rejectedBytesHex)) {
        await assert.rejects(
          jvm.call("metadataAddressParse", { bytes }),
          { type: "java.lang.IllegalArgumentException" },
          name,
        );
      }
    });

    interface NameVector {
      readonly name: string;
      readonly nameHashKotlin: string;
    }
    for (const each of vectors<NameVector>("metadata-address").filter((one) => one.id.startsWith("name-"))) {
      test(`${each.id}: the jars hash the name as the Kotlin column says`, async () => {
        const scope = "91978ba2-5f35-459a-86a7-feca1b0512e0";
        const record = await jvm.call("metadataAddress", { kind: "record", args: [scope, each.name] });
        assert.equal(fromHex(record.bytes).toString("hex", 17), each.nameHashKotlin);
      });
    }
  });
});

/** The answer without what every answer carries. */
async function answerOf(call: Promise<object>): Promise<object> {
  const { id: _id, ok: _ok, ...rest } = (await call) as Record<string, unknown>;
  return rest;
}
