import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { type ErrorCode, isP8eError, P8eError } from "@p8e/core";
import fc from "fast-check";
import { keyStateOf, keysToReplicate, uniqueHash } from "../src/domain/audience.ts";
import { authorize } from "../src/domain/authorization.ts";
import { CHUNK_BYTES, ChunkDigester, digestChunks, joinDigests } from "../src/domain/chunk-digests.ts";
import type { KeyRegistration } from "../src/domain/key-registration.ts";
import { MemoryBudget } from "../src/domain/memory-budget.ts";
import { memoryBytesMax, placementOf } from "../src/domain/placement.ts";
import { decodeProperties, encodeProperties } from "../src/domain/properties-text.ts";
import { isDead, peerWaitMs, refusalWaitMs, refusingWaitMs } from "../src/domain/replication-outcome.ts";
import { type ReplicationRow, replicationState } from "../src/domain/replication-state.ts";
import { classifyFailure } from "../src/grpc/send-failure.ts";

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return isP8eError(error) ? error.code : String(error);
  }
  return undefined;
}

describe("stored properties", () => {
  it("come back in order, whatever their names and bytes", () => {
    const entry = fc.tuple(
      fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "1", "0", "toString", '"', "\\", "\u0000")),
      fc.uint8Array({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ([name]) => name, maxLength: 10 }), (entries) => {
        const properties = new Map(entries);
        assert.deepEqual([...decodeProperties(encodeProperties(properties))], [...properties]);
      }),
    );
  });

  it("are compact JSON with arrays of numbers, as the reference writes them", () => {
    const text = encodeProperties(
      new Map([
        ["HASH", Uint8Array.of(1, 255)],
        ["2", Uint8Array.of()],
      ]),
    );
    assert.equal(text, '{"HASH":[1,255],"2":[]}');
  });

  it("are read with white space too, and of repeated names the last", () => {
    const found = decodeProperties(' { "a" : [ 1 , 2 ] , "b":[], "a":[3] } ');
    assert.deepEqual(
      [...found],
      [
        ["b", Uint8Array.of()],
        ["a", Uint8Array.of(3)],
      ],
    );
    assert.deepEqual([...decodeProperties("{ }")], []);
  });

  for (const text of ["", "[]", '{"a":1}', '{"a":[256]}', '{"a":[1.5]}', '{"a":[1]', '{"a":[1],}']) {
    it(`refuse ${text || "nothing"}`, () =>
      assert.equal(
        codeOf(() => decodeProperties(text)),
        "store.database",
      ));
  }
});

describe("chunk digests", () => {
  it("are the SHA-256 of each chunk, however the bytes arrive", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.nat(60)),
        (bytes, size, cuts) => {
          const digester = new ChunkDigester(size);
          let offset = 0;
          for (const cut of cuts) {
            digester.update(bytes.subarray(offset, offset + cut));
            offset = Math.min(bytes.length, offset + cut);
          }
          digester.update(bytes.subarray(offset));
          const expected: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; at += size) {
            expected.push(
              new Uint8Array(
                createHash("sha256")
                  .update(bytes.subarray(at, at + size))
                  .digest(),
              ),
            );
          }
          assert.deepEqual(digester.finish(), expected);
          assert.deepEqual(digestChunks(bytes, size), joinDigests(expected));
        },
      ),
    );
  });

  it("cover 2,000,000 bytes each", () => assert.equal(CHUNK_BYTES, 2_000_000));
});

describe("an object's name among objects", () => {
  it("sorts keys by their bytes, not by their UTF-16 units", () => {
    assert.equal(uniqueHash("h", ["\u{10000}", "\uffff", "b", "a"]), "h;a;b;\uffff;\u{10000}");
    assert.equal(uniqueHash("h", []), "h");
  });
});

describe("the keys an object is replicated for", () => {
  it("are the unknown and the remote ones, but never the owner", () => {
    const url = new Map([
      ["local", ""],
      ["remote", "tcp://x"],
      ["owner", "tcp://y"],
    ]);
    const state = (key: string) => keyStateOf(url.has(key) ? { url: url.get(key)! } : undefined);
    assert.deepEqual(keysToReplicate(["owner", "local", "remote", "unknown"], "owner", state), ["remote", "unknown"]);
  });
});

describe("placement", () => {
  const rules = { thresholdBytes: 5000, databaseObjectBytesMax: 10_000, objectBytesMax: 100_000 };

  it("puts what is above the threshold into files, and all mail into the database", () => {
    assert.equal(placementOf(false, 5000, rules), "database");
    assert.equal(placementOf(false, 5001, rules), "storage");
    assert.equal(placementOf(true, 5001, rules), "database");
  });

  it("refuses mail that would not fit into one message with its id, and objects above the limit", () => {
    assert.equal(placementOf(true, 10_000 - 64, rules), "database");
    assert.equal(
      codeOf(() => placementOf(true, 10_000 - 63, rules)),
      "object.too_large",
    );
    assert.equal(placementOf(false, 100_000, rules), "storage");
    assert.equal(
      codeOf(() => placementOf(false, 100_001, rules)),
      "object.too_large",
    );
  });

  it("refuses database-backed objects above the database's limit when the threshold is higher", () => {
    const high = { ...rules, thresholdBytes: 50_000 };
    assert.equal(
      codeOf(() => placementOf(false, 10_001, high)),
      "object.too_large",
    );
    assert.equal(placementOf(false, 50_001, high), "storage");
  });

  it("lets mail gather in memory up to its limit, other objects up to a quarter mebibyte", () => {
    assert.equal(memoryBytesMax(true, rules), 10_000 - 64);
    assert.equal(memoryBytesMax(false, rules), 256 * 1024);
  });
});

describe("the memory budget", () => {
  it("is shared, refused when exhausted, and given back", () => {
    const budget = new MemoryBudget(100);
    using first = budget.open();
    {
      using second = budget.open();
      first.hold(60);
      second.hold(40);
      assert.equal(
        codeOf(() => first.hold(61)),
        "input.too_large",
      );
      assert.equal(budget.takenBytes, 100);
    }
    assert.equal(budget.takenBytes, 60);
    first.hold(100);
    first.hold(10);
    assert.equal(budget.takenBytes, 10);
  });
});

describe("authorization", () => {
  const registration = (change: Partial<KeyRegistration>): KeyRegistration => ({
    uuid: "00000000-0000-0000-0000-000000000000" as KeyRegistration["uuid"],
    key: "k",
    url: "",
    metadata: new Uint8Array(0),
    authType: "header",
    authData: "X-Key:a:b",
    createdAt: 0n,
    updatedAt: 0n,
    ...change,
  });
  const attempt = (given: KeyRegistration | undefined, headers: Record<string, string>) => {
    try {
      authorize("k", given, (name) => headers[name.toLowerCase()], "fetch on its own instance");
      return "ok";
    } catch (error) {
      return isP8eError(error) ? `${error.status.grpc} ${error.message}` : String(error);
    }
  };

  it("splits the stored credential at its first colon, and ignores the header's case", () => {
    assert.equal(attempt(registration({}), { "x-key": "a:b" }), "ok");
  });

  it("denies a credential that differs in anything", () => {
    for (const value of ["a:B", "a:b ", "a", ""]) {
      assert.equal(attempt(registration({}), { "x-key": value }), "PERMISSION_DENIED not authorized");
    }
    assert.equal(attempt(registration({}), {}), "PERMISSION_DENIED not authorized");
  });

  it("compares bytes: characters beyond Latin-1 do not match what they are truncated to", () => {
    const stored = registration({ authData: "x-key:\u0101" });
    assert.equal(attempt(stored, { "x-key": "\u0001" }), "PERMISSION_DENIED not authorized");
    const onTheWire = Buffer.from("\u0101", "utf8").toString("latin1");
    assert.equal(attempt(stored, { "x-key": onTheWire }), "ok");
  });

  it("never accepts a binary header", () => {
    assert.equal(attempt(registration({ authData: "x-bin:v" }), { "x-bin": "v" }), "PERMISSION_DENIED not authorized");
  });

  it("reports a registration that cannot be read as the store's fault", () => {
    assert.equal(
      attempt(registration({ authData: "nocolon" }), {}),
      'INTERNAL InvalidApplicationState("auth_data invalid format")',
    );
    assert.equal(
      attempt(registration({ authData: null }), {}),
      'INTERNAL InvalidApplicationState("auth_type was set but no auth_data")',
    );
  });
});

describe("a failed send", () => {
  const answered = (grpcStatus: string) => new P8eError("rpc.failed", "no", { facts: { grpcStatus } });

  it("blames the peer when it is away or in maintenance", () => {
    for (const status of ["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"]) {
      assert.equal(classifyFailure(answered(status)).kind, "peer", status);
    }
    assert.equal(classifyFailure(new P8eError("rpc.unavailable", "refused")).kind, "peer");
  });

  it("tells a peer that takes nothing from one that will not take this object", () => {
    for (const status of ["PERMISSION_DENIED", "UNAUTHENTICATED", "FAILED_PRECONDITION", "UNIMPLEMENTED"]) {
      assert.deepEqual(classifyFailure(answered(status)), { kind: "refusing", reason: `${status}: no` });
    }
    const exhausted = (message: string, code: ErrorCode = "rpc.exhausted") =>
      classifyFailure(new P8eError(code, message, { facts: { grpcStatus: "RESOURCE_EXHAUSTED" } }));
    for (const words of ["quota of 5 puts used up", "too many requests", "try again in 3600 s"]) {
      assert.equal(exhausted(words).kind, "refusing", words);
    }
    for (const words of ["Received message larger than max (5000000 vs. 4194304)", "message exceeds 4194304 bytes"]) {
      assert.deepEqual(exhausted(words), { kind: "refusal", reason: `RESOURCE_EXHAUSTED: ${words}`, permanent: true });
    }
    assert.equal(exhausted("the mail is larger than it may be", "object.too_large").kind, "refusal");
  });

  it("blames the peer for whatever ended a call without an answer", () => {
    for (const code of ["rpc.unavailable", "rpc.exhausted", "rpc.failed", "rpc.denied", "rpc.protocol"] as const) {
      const facts = { method: "/objectstore.ObjectService/Put", peer: "127.0.0.1:80" };
      assert.deepEqual(classifyFailure(new P8eError(code, "ended", { facts })), { kind: "peer", reason: "ended" });
    }
  });

  it("blames the object when the peer refuses it, or when it cannot be read here", () => {
    assert.deepEqual(classifyFailure(answered("INVALID_ARGUMENT")), {
      kind: "refusal",
      reason: "INVALID_ARGUMENT: no",
      permanent: true,
    });
    assert.equal(classifyFailure(answered("INTERNAL")).kind, "refusal");
    assert.equal(classifyFailure(new P8eError("object.corrupt", "x")).kind, "refusal");
  });

  it("blames nobody when our own database is away", () => {
    assert.equal(classifyFailure(new P8eError("store.unavailable", "x")).kind, "local");
    assert.equal(classifyFailure(new Error("x")).kind, "local");
  });

  it("is set aside after ten refusals, after three of those that cannot change", () => {
    assert.deepEqual(
      [isDead(9, false), isDead(10, false), isDead(2, true), isDead(3, true)],
      [false, true, false, true],
    );
  });

  it("waits four times as long after each refusal, up to an hour", () => {
    const waits = [1, 2, 3, 7, 20].map((attempts) => refusalWaitMs(attempts, () => 0.5));
    assert.deepEqual(waits, [1000, 4000, 16_000, 3_600_000, 3_600_000]);
  });

  it("leaves a peer alone for twice as long after each failure, within its limits", () => {
    const limits = { minMs: 30_000, maxMs: 100_000 };
    const waits = [1, 2, 3, 99].map((failures) => peerWaitMs(failures, limits, () => 0.5));
    assert.deepEqual(waits, [30_000, 60_000, 100_000, 100_000]);
    const refusing = [1, 2, 13, 99].map((failures) => refusingWaitMs(failures, 1000, () => 0.5));
    assert.deepEqual(refusing, [1000, 2000, 3_600_000, 3_600_000]);
  });
});

describe("why an object is where it is", () => {
  const row: ReplicationRow = {
    url: "grpc://peer",
    queued: true,
    queuedAt: 1,
    replicatedAt: null,
    attempts: 0,
    refusal: null,
    nextAttemptAt: null,
    deadAt: null,
    peerFailure: null,
    peerFailingSince: null,
    peerRefusing: false,
    peerPausedAt: null,
  };
  const cases: readonly (readonly [string, Partial<ReplicationRow>, boolean?])[] = [
    ["replicated", { replicatedAt: 5 }],
    ["local", { replicatedAt: 5, url: "" }],
    ["local", { queued: false, url: "" }],
    ["not_sent", { queued: false }, true],
    ["not_sent", { queued: false }],
    ["no_destination", { url: null }],
    ["set_aside", { deadAt: 9, attempts: 3, refusal: "INVALID_ARGUMENT: no" }],
    ["peer_unreachable", { peerFailure: "connection refused", peerFailingSince: 4 }],
    ["refused", { attempts: 1, refusal: "INTERNAL: no" }],
    ["waiting", {}],
  ];
  for (const [status, change, replica] of cases) {
    it(`is told as ${status} for ${JSON.stringify(change)}${replica ? " of a replica" : ""}`, () => {
      const state = replicationState({ ...row, ...change }, replica ?? false);
      assert.equal(state.status, status);
      assert.ok(state.reason.length > 10);
    });
  }

  it("names the refusal in words", () => {
    const state = replicationState({ ...row, attempts: 3, deadAt: 9, refusal: "INVALID_ARGUMENT: bad" }, false);
    assert.equal(state.reason, "refused 3 times and set aside: INVALID_ARGUMENT: bad");
  });
});
