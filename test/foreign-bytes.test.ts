// Bytes from outside become values in one place, packages/decoding, and JSON in one more, core's parse-shape: there they are
// bounded before anything is made of them. Whoever decodes by himself stands in the list below with the reason; the list
// may only become shorter.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { files, read } from "./support/sources.ts";

const DECODERS =
  /\b(?:fromBinary|mergeFromBinary|fromJson|fromJsonString|mergeFromJson|mergeFromJsonString|JSON\.parse)\s*\(/g;

/** Where foreign bytes are decoded for everybody. */
const home = [
  "packages/decoding/src/decode-examined.ts",
  "packages/decoding/src/decode-message.ts",
  "packages/decoding/src/thread/examine-message.ts",
  "packages/decoding/src/thread/examining-thread.ts",
  "packages/core/src/parse-shape.ts",
];

const own = "what p8e wrote itself, in a folder of its own";
const node = "an answer of the node that the party has chosen, whose size the connection bounds";
const walked = "gone through before, by a walk of its own that bounds and checks it";
const test = "for tests and benches";

/** File, number of calls, reason. */
const listed: readonly (readonly [file: string, calls: number, reason: string])[] = [
  ["apps/cli/src/commands/party-card.ts", 1, "the card that was just signed"],
  ["apps/cli/src/support/list-scopes.ts", 1, own],
  ["packages/chain/src/endpoint/node-rpc.ts", 1, node],
  ["packages/chain/src/types/message-types.ts", 2, "what messageBytesFromJson has just written"],
  ["packages/chain/src/types/transaction-json.ts", 1, "only names of types are taken from it; bounded above"],
  ["packages/contract/src/bundle/guest-runtime.ts", 1, "a file of the package, known by its hash"],
  [
    "packages/contract/src/guest/serve-contract.ts",
    2,
    "in the sandbox, with its memory and fuel; the host goes through the values before",
  ],
  ["packages/crypto/src/private-key.ts", 1, "a key file of the party, of a few hundred bytes"],
  ["packages/crypto/src/public-key.ts", 1, "a key, whose length the text's reader bounds"],
  ["packages/envelope/src/audience-section.ts", 1, walked],
  ["packages/envelope/src/metadata-section.ts", 1, "a section of a header, which is bounded"],
  ["packages/envelope/src/signature-section.ts", 1, "a section of a header, which is bounded"],
  ["packages/environment/src/environment-file.ts", 1, own],
  ["packages/ledger/src/domain/custom-fields.ts", 1, walked],
  ["packages/ledger/src/domain/state-codec.ts", 2, own],
  ["packages/ledger/src/grpc/transaction-services.ts", 4, "transactions that the ledger took, hence decoded before"],
  ["packages/ledger/src/journal/journal-format.ts", 1, own],
  ["packages/ledger/src/node/block-store.ts", 1, own],
  ["packages/local-postgres/src/binaries.ts", 1, "a file of an installed package"],
  ["packages/local-postgres/src/whole-programs.ts", 1, "a file of an installed package"],
  ["packages/object-store/src/domain/properties-text.ts", 1, "one quoted word of a line that is bounded"],
  ["packages/object-store/src/grpc/public-key-service.ts", 1, "an Any of two fields, from the store's own database"],
  ["packages/object-store/src/storage/gcs/gcs-bucket.ts", 1, "an answer of the store's own bucket, of bounded size"],
  ["packages/object-store/src/storage/gcs/gcs-composed.ts", 1, "an object of the store's own bucket"],
  ["packages/party/src/profile/profile-file.ts", 2, "a profile or network of the party's own, of bounded size"],
  ["packages/provenanced/src/node-home.ts", 2, "files that the node's program has just written"],
  ["packages/sdk/src/session/execution-messages.ts", 1, own],
  ["packages/testkit/src/ledger-conformance/endpoint.ts", 1, test],
  ["packages/testkit/src/ledger-differential/comparable.ts", 1, test],
  ["packages/testkit/src/provenanced/provenanced-node.ts", 1, test],
];

describe("foreign bytes", () => {
  const found = new Map(
    files(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"])
      .filter((file) => !home.includes(file))
      .map((file) => [file, read(file).match(DECODERS)?.length ?? 0] as const)
      .filter(([, calls]) => calls > 0),
  );

  it("are decoded by packages/decoding, or where the list says why not", () => {
    const known = new Map(listed.map(([file, calls]) => [file, calls]));
    assert.deepEqual(
      [...found].filter(([file, calls]) => calls > (known.get(file) ?? 0)).map(([file, calls]) => `${file}: ${calls}`),
      [],
      "use decodeMessage or messageBytesFromJson of @p8e/decoding, or parseJson of @p8e/core",
    );
  });

  it("have a list that only becomes shorter", () => {
    assert.deepEqual(
      listed.filter(([file, calls]) => calls > (found.get(file) ?? 0)).map(([file]) => file),
      [],
      "these decode less than the list says: shorten it",
    );
  });
});
