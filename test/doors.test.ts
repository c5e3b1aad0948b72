// Every file that reads foreign bytes through packages/decoding or parseJson, and how many bytes it reads: so many are looked
// at, whatever is wrong with them, and one more is not. The files are found, and each has its case here or says where it is.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema, EmptySchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { parseContractTypes } from "@p8e/contract";
import { isP8eError, networks } from "@p8e/core";
import { parsePartyCard } from "@p8e/party";
import { unpackAny } from "@p8e/proto/any";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import { decodeEvidence } from "@p8e/sdk";
import { readAuthInfo } from "../packages/chain/src/transactions/transaction.ts";
import { messageTypesOfSet } from "../packages/chain/src/types/described-types.ts";
import { MessageTypes } from "../packages/chain/src/types/message-types.ts";
import { parseContractDescription } from "../packages/contract/src/domain/contract-description.ts";
import { sameExecution } from "../packages/engine/src/execution/compare-executions.ts";
import { parseGuestFailure } from "../packages/engine/src/sandbox/guest-failure.ts";
import { parseEnvironmentFile } from "../packages/environment/src/environment-file.ts";
import { unpackAny as unpackOnLedger } from "../packages/ledger/src/domain/any.ts";
import { BackupFolder } from "../packages/object-store/src/backup/backup-folder.ts";
import { parseProfile } from "../packages/party/src/profile/parse-profile.ts";
import { readStoreFile, STORE_FILE } from "../packages/party/src/store-file.ts";
import { openAgreementEvidence } from "../packages/sdk/src/agreement/agreement-evidence.ts";
import { decodeWords } from "../packages/sdk/src/agreement/agreement-mail.ts";
import { readJvmRequest } from "../packages/sdk/src/agreement/jvm-request.ts";
import { parseApprovalPolicy } from "../packages/sdk/src/approval-policy/approval-policy.ts";
import { parseIndexConfiguration } from "../packages/sdk/src/indexing/index-configuration.ts";
import { decodeSpecification } from "../packages/sdk/src/session/memorialize-messages.ts";
import { parseColumnMap } from "../packages/sdk/src/tape/tape-columns.ts";
import { files, read } from "./support/sources.ts";

const MIB = 1024 * 1024;

interface Door {
  readonly file: string;
  readonly bytesMax: number;
  readonly form: "binary" | "json";
  readonly read: (bytes: Uint8Array) => unknown;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const binary = (file: string, bytesMax: number, take: Door["read"]): Door => ({
  file,
  bytesMax,
  form: "binary",
  read: take,
});
const json = (file: string, bytesMax: number, take: Door["read"]): Door => ({
  file,
  bytesMax,
  form: "json",
  read: take,
});

const typesOfEmpty = fileDescriptorSet([EmptySchema]);

const doors: readonly Door[] = [
  binary("packages/chain/src/transactions/transaction.ts", 4 * MIB, readAuthInfo),
  binary("packages/chain/src/types/described-types.ts", 8 * MIB, (bytes) => messageTypesOfSet(bytes)),
  json("packages/chain/src/types/message-types.ts", 4 * MIB, (bytes) =>
    new MessageTypes(createFileRegistry(fromBinary(FileDescriptorSetSchema, typesOfEmpty))).read({
      text: text(bytes),
    } as never),
  ),
  json("packages/contract/src/domain/contract-description.ts", 4 * MIB, (bytes) =>
    parseContractDescription(text(bytes)),
  ),
  binary("packages/contract/src/domain/contract-types.ts", 4 * MIB, parseContractTypes),
  binary("packages/engine/src/execution/compare-executions.ts", 4 * MIB, (bytes) =>
    sameExecution(Uint8Array.of(), bytes),
  ),
  json("packages/engine/src/sandbox/guest-failure.ts", MIB, (bytes) => parseGuestFailure(text(bytes))),
  json("packages/environment/src/environment-file.ts", 1_000_000, (bytes) =>
    parseEnvironmentFile(text(bytes), "a file"),
  ),
  binary("packages/ledger/src/domain/any.ts", 4 * MIB, (value) =>
    unpackOnLedger(create(AnySchema, { typeUrl: `/${EmptySchema.typeName}`, value }), EmptySchema),
  ),
  json("packages/object-store/src/backup/backup-folder.ts", 8 * MIB, async (bytes) => {
    const folder = mkdtempSync(join(tmpdir(), "p8e-doors-"));
    try {
      writeFileSync(join(folder, "manifest.json"), bytes);
      await new BackupFolder(folder).manifest();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }),
  json("packages/party/src/card/party-card.ts", 2048, (bytes) => parsePartyCard(bytes, networks.local)),
  json("packages/party/src/profile/parse-profile.ts", 2_000_000, (bytes) =>
    parseProfile(text(bytes), "a file", () => networks.local),
  ),
  json("packages/party/src/store-file.ts", 100_000, async (bytes) => {
    const folder = mkdtempSync(join(tmpdir(), "p8e-doors-"));
    try {
      writeFileSync(join(folder, STORE_FILE), bytes, { mode: 0o600 });
      await readStoreFile(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }),
  binary("packages/proto/src/any.ts", 4 * MIB, (value) =>
    unpackAny(create(AnySchema, { typeUrl: `/${EmptySchema.typeName}`, value }), EmptySchema),
  ),
  binary("packages/sdk/src/agreement/agreement-evidence.ts", 4 * MIB, openAgreementEvidence),
  binary("packages/sdk/src/agreement/agreement-mail.ts", 4 * MIB, decodeWords),
  binary("packages/sdk/src/agreement/jvm-request.ts", 4 * MIB, readJvmRequest),
  json("packages/sdk/src/approval-policy/approval-policy.ts", MIB, (bytes) => parseApprovalPolicy(text(bytes))),
  binary("packages/sdk/src/session/evidence.ts", 4 * MIB, decodeEvidence),
  binary("packages/sdk/src/session/memorialize-messages.ts", 4 * MIB, decodeSpecification),
  json("packages/sdk/src/indexing/index-configuration.ts", MIB, (bytes) =>
    parseIndexConfiguration(bytes, { what: "the configuration" }),
  ),
  json("packages/sdk/src/tape/tape-columns.ts", MIB, (bytes) => parseColumnMap(bytes, { what: "the columns" })),
];

/** Files without a case of their own, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  "apps/cli/src/support/package-source.ts":
    "npm's list of what lies beside this command: apps/cli/test/first-contract.slow.test.ts",
  "apps/cli/src/support/read-proposals.ts": "a file that the person names: test/cases/input-pipe-unbounded.test.ts",
  "packages/chain/src/messages/touched-scopes.ts": "a part of a block, whose transactions are read within 4 MiB each",
  "packages/chain/src/messages/written-sessions.ts": "a part of a block, whose transactions are read within 4 MiB each",
  "packages/chain/src/transactions/receipt.ts": "a part of a node's answer, which has a bound of its own",
  "packages/contract/src/author/try-contract.ts": "what the author's own contract has just written",
  "packages/contract/src/bundle/source-places.ts":
    "a source map of one's own build: packages/contract/test/build-contract.test.ts",
  "packages/contract/src/testing/sandboxed-contract.ts": "what the author's own contract has just written",
  "packages/crypto/src/file-entry.ts": "an entry of 16,384 characters at most: packages/crypto/test/file-entry.test.ts",
  "packages/crypto/src/sealed-file.ts":
    "a key file, which is bounded where it is read: packages/keys/test/secret-file.test.ts",
  "packages/engine/src/execution/examine-values.ts":
    "by examineMessage: packages/decoding/test/examine-message.test.ts",
  "packages/engine/src/execution/execute-contract.ts":
    "outputs, which the sandbox bounds: packages/engine/test/sandbox-limits.test.ts",
  "packages/ledger/src/domain/messages/authz-messages.ts": "in a transaction, of 1 MiB at most",
  "packages/ledger/src/domain/transaction.ts":
    "a transaction, of 1 MiB at most: packages/ledger/test/conformance.slow.test.ts",
  "packages/party/src/last-named.ts": "what p8e wrote itself, in a folder of its own",
  "packages/party/src/transactions/sent-transactions.ts": "what p8e wrote itself, in a folder of its own",
  "packages/rpc/src/method.ts": "bounded by the connection: packages/rpc/test/calls.test.ts",
  "packages/sdk/src/indexing/index-records.ts": "by examineMessage: packages/decoding/test/examine-message.test.ts",
  "packages/sdk/src/indexing/indexed-value.ts":
    "parts of a record, which examineMessage has bounded, within one budget: packages/sdk/test/record-index.test.ts",
  "packages/sdk/src/inspection/request-view.ts": "by examineMessage: packages/decoding/test/examine-message.test.ts",
  "packages/sdk/src/read/hydrate.ts": "by examineMessage: packages/decoding/test/examine-message.test.ts",
  "packages/sdk/src/read/read-record.ts": "by examineMessage: packages/decoding/test/examine-message.test.ts",
  "packages/sdk/src/read/record-json.ts":
    "parts of a record, which examineMessage has bounded, within one budget: packages/sdk/test/record-json.test.ts",
  "packages/sdk/src/verify/verify-scope.ts": "by examineMessage: packages/decoding/test/examine-message.test.ts",
};

const READERS = /\b(?:decodeMessage|checkMessage|examineMessage|isCanonicalMessage|messageBytesFromJson|parseJson)\(/;
/** Where these are. */
const home = /^packages\/decoding\/|^packages\/core\/src\/parse-shape\.ts$/;

describe("a door", () => {
  it("is each file that reads foreign bytes", () => {
    const found = files(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"]).filter(
      (file) => !home.test(file) && READERS.test(read(file)),
    );
    const known = [...doors.map(({ file }) => file), ...Object.keys(elsewhere)];
    assert.deepEqual(found.toSorted(), known.toSorted());
    for (const [, named] of Object.values(elsewhere)
      .join(" ")
      .matchAll(/(\S+\.test\.ts)/g))
      assert.ok(read(named!) !== "");
  });

  for (const { file, bytesMax, form, read: take } of doors) {
    it(`looks at ${bytesMax} bytes and not at one more: ${file}`, async () => {
      assert.equal(await isTooLarge(take, filled(form, bytesMax), bytesMax), false);
      assert.equal(await isTooLarge(take, filled(form, bytesMax + 1), bytesMax), true);
    });
  }
});

describe("a door that counts parts", () => {
  const repeated = (number: number, count: number) => {
    const writer = new BinaryWriter();
    for (let index = 0; index < count; index++) writer.tag(number, WireType.LengthDelimited).fork().join();
    return writer;
  };

  it("reads evidence of 50,000 fields, and not of one more", async () => {
    // The contract is one of them; its considerations are the others.
    const evidence = (fields: number) =>
      new BinaryWriter()
        .tag(2, WireType.LengthDelimited)
        .bytes(repeated(6, fields - 1).finish())
        .finish();
    assert.equal(decodeEvidence(evidence(50_000)).contract.considerations.length, 49_999);
    assert.equal(await isTooLarge(decodeEvidence, evidence(50_001), 50_000), true);
  });

  it("reads types of 100,000 fields in 1000 files, and not of one more", async () => {
    // Each file is one of them, and so is its name.
    const set = (count: number, deep: number) => {
      const writer = new BinaryWriter();
      for (let index = 0; index < count; index++) {
        writer.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(`${index}.proto`);
        if (index === 0) writer.tag(8, WireType.LengthDelimited).bytes(repeated(999, deep).finish());
        writer.join();
      }
      return writer.finish();
    };
    assert.equal((await parseContractTypes(set(1000, 0))).registry.getFile("999.proto")?.name, "999");
    assert.equal(await isTooLarge(parseContractTypes, set(1001, 0), 1000), true);
    // The options of one file, and options that nobody knows.
    assert.equal((await parseContractTypes(set(1, 99_997))).registry.getFile("0.proto")?.name, "0");
    assert.equal(await isTooLarge(parseContractTypes, set(1, 99_998), 100_000), true);
  });

  it("reads types whose full names come to 1,000,000 characters, and not to more", async () => {
    const set = (packageName: string, messageType: readonly object[]) => {
      const file = [{ name: "a.proto", package: packageName, syntax: "proto3", messageType: [...messageType] }];
      return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
    };
    const named = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `M${index + 100}` }));
    const packageName = "p".repeat(1995);
    const long = { name: "M".repeat(100_000), nestedType: named(400) };
    for (const read of [parseContractTypes, messageTypesOfSet]) {
      // Of 2000 characters each.
      assert.equal(await isTooLarge(read, set(packageName, named(500)), 1_000_000), false);
      assert.equal(await isTooLarge(read, set(packageName, [...named(500), { name: "N" }]), 1_000_000), true);
      assert.equal(await isTooLarge(read, set("", [long]), 1_000_000), true);
    }
  });
});

/** A field that nobody knows, or an empty object and blanks. */
function filled(form: Door["form"], length: number): Uint8Array {
  if (form === "json") return Buffer.from("{}".padEnd(length));
  // Behind a tag of three bytes and a length of four.
  const bytes = new BinaryWriter()
    .tag(99_999, WireType.LengthDelimited)
    .bytes(new Uint8Array(length - 7))
    .finish();
  assert.equal(bytes.length, length);
  return bytes;
}

/** Whether it is refused for having more bytes than so many; what else is wrong with it does not matter. */
async function isTooLarge(take: Door["read"], bytes: Uint8Array, bytesMax: number): Promise<boolean> {
  try {
    await take(bytes);
    return false;
  } catch (error) {
    for (let each = error; isP8eError(each); each = each.cause) {
      if (Object.values(each.facts).includes(bytesMax)) return true;
    }
    if (isP8eError(error)) return false;
    throw error;
  }
}
