// Digests, uuids and metadata addresses: ours against io.provenance.scope:util and os-client.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, describe, test } from "node:test";
import {
  base64Encode,
  contractSpecificationAddress,
  hashContent,
  hexEncode,
  isP8eError,
  metadataAddressToBytes,
  nameHash,
  randomUuid,
  recordAddress,
  recordSpecificationAddress,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
  type Uuid,
  uuidFromBytes,
} from "@p8e/core";
import { findJvmPeer, JvmDriver } from "../driver.ts";
import { patternBytes } from "../ours.ts";

const peer = await findJvmPeer();

describe("identifiers of ours and of the published jars", { skip: peer.missing ?? false }, () => {
  const jvm = new JvmDriver(peer.classpath ?? "");
  after(() => jvm[Symbol.asyncDispose]());
  const uuid = () => randomUuid((length) => new Uint8Array(randomBytes(length)));

  test("every kind of metadata address is the same text and the same bytes", async () => {
    const ours: Record<string, (first: Uuid, second: Uuid, name: string) => { address: string; args: string[] }> = {
      scope: (first) => ({ address: scopeAddress(first), args: [first] }),
      session: (first, second) => ({ address: sessionAddress(first, second), args: [first, second] }),
      record: (first, _second, name) => ({ address: recordAddress(first, name), args: [first, name] }),
      contractspec: (first) => ({ address: contractSpecificationAddress(first), args: [first] }),
      scopespec: (first) => ({ address: scopeSpecificationAddress(first), args: [first] }),
      recspec: (first, _second, name) => ({ address: recordSpecificationAddress(first, name), args: [first, name] }),
    };
    for (const name of ["loan", "Loan Document", "  VALIDATION results ", "straße", "日本語"]) {
      for (const [kind, build] of Object.entries(ours)) {
        const { address, args } = build(uuid(), uuid(), name);
        const theirs = await jvm.call("metadataAddress", { kind, args });
        assert.equal(theirs.bech32, address, `${kind} ${name}`);
        assert.equal(theirs.bytes, hexEncode(metadataAddressToBytes(address as ReturnType<typeof scopeAddress>)));
      }
    }
  });

  test("names that ours accepts hash alike there, whatever character stands at their ends", async () => {
    const names: string[] = [];
    for (let code = 0; code < 0x20000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const character = String.fromCodePoint(code);
      names.push(`${character}Loan${character}`);
    }
    const refused: string[] = [];
    for (let at = 0; at < names.length; at += 5000) {
      const batch = names.slice(at, at + 5000);
      const { hashes } = await jvm.call("nameHashes", { names: batch });
      for (const [index, name] of batch.entries()) {
        try {
          assert.equal(hexEncode(nameHash(name)), hashes[index], `U+${name.codePointAt(0)?.toString(16)}`);
        } catch (error) {
          if (!isP8eError(error)) throw error;
          refused.push(name);
        }
      }
    }
    assert(refused.length < 200, `${refused.length} names are refused`);
  });

  test("content hashes of every form are the same text", async () => {
    for (const size of [0, 1, 100, 70_000]) {
      const bytes = patternBytes(size);
      const theirs = await jvm.call("hash", { data: base64Encode(bytes) });
      assert.deepEqual(
        [theirs.sha256, theirs.sha256Lo, theirs.sha512, theirs.sha512Lo],
        [
          hashContent(bytes, { algorithm: "sha256", truncated: false }),
          hashContent(bytes, { algorithm: "sha256", truncated: true }),
          hashContent(bytes, { algorithm: "sha512", truncated: false }),
          hashContent(bytes, { algorithm: "sha512", truncated: true }),
        ],
      );
    }
  });

  test("sixteen bytes of a hash read as the same uuid, whatever its version bits", async () => {
    for (let round = 0; round < 50; round++) {
      const bytes = new Uint8Array(randomBytes(16));
      assert.equal((await jvm.call("bytesToUuid", { bytes: hexEncode(bytes) })).uuid, uuidFromBytes(bytes));
    }
  });
});
