// The small forms of the wire: status, timeout, metadata, URL.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { P8eError } from "@p8e/core";
import fc from "fast-check";
import { Metadata, parsePeerUrl, RpcStatusError } from "../src/index.ts";
import { decodeStatusMessage, encodeStatusMessage, errorOf, statusHeaders, statusOf } from "../src/status.ts";
import { formatTimeout, parseTimeout } from "../src/timeout.ts";

const place = { method: "/s/M", peer: "127.0.0.1:1" };

describe("status", () => {
  it("every message up to 400 characters comes back from its percent-encoding, which is printable ASCII", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (text) => {
        const sent = text.toWellFormed();
        const encoded = encodeStatusMessage(sent);
        assert.match(encoded, /^[ -~]*$/);
        assert.equal(decodeStatusMessage(encoded), sent);
      }),
    );
    assert.equal(encodeStatusMessage("50% of\n☃"), "50%25 of%0A%E2%98%83");
  });

  it("an encoded message stays within 4,100 characters", () => {
    assert.equal(encodeStatusMessage("x".repeat(10_000)).length, 1024);
    assert.ok(encodeStatusMessage("雪".repeat(10_000)).length <= 4100);
  });

  it("a malformed percent-encoding is taken as it is", () => {
    assert.equal(decodeStatusMessage("100% %zz %4"), "100% %zz %4");
    assert.equal(decodeStatusMessage("%ff%41"), "\ufffdA");
  });

  it("a P8eError travels as status, message and code", () => {
    const sent = statusHeaders(
      statusOf(new P8eError("object.not_found", "no such object", { facts: { hash: "AA==" } })),
    );
    assert.deepEqual(sent, { "grpc-status": "5", "grpc-message": "no such object", "p8e-code": "object.not_found" });
    const received = errorOf(sent, place);
    assert.equal(received?.code, "object.not_found");
    assert.equal(received?.message, "no such object");
    assert.deepEqual(received?.facts, { grpcStatus: "NOT_FOUND", grpcMessage: "no such object", ...place });
  });

  it("an RpcStatusError keeps its status and message, and its code if one is given", () => {
    const plain = new RpcStatusError("INVALID_ARGUMENT", "Multipart upload is empty");
    assert.deepEqual(statusOf(plain), {
      status: "INVALID_ARGUMENT",
      message: "Multipart upload is empty",
      code: "input.invalid",
    });
    assert.equal(plain.facts["grpcStatus"], "INVALID_ARGUMENT");
    const coded = new RpcStatusError("NOT_FOUND", "gone", { code: "object.refused" });
    assert.deepEqual(statusOf(coded), { status: "NOT_FOUND", message: "gone", code: "object.refused" });
  });

  it("what is not ours, or wraps what is not ours, becomes INTERNAL without its words", () => {
    const foreign = new Error("SELECT secret FROM /etc/passwd");
    for (const thrown of [foreign, P8eError.from(foreign), "text", undefined, null, 7]) {
      const { status, message } = statusOf(thrown);
      assert.equal(status, "INTERNAL");
      assert.equal(message, "the server failed to answer this call");
    }
  });

  it("an error of a newer core, whose code is not known here, is UNKNOWN in its own words", () => {
    const newer = new P8eError("object.later" as "object.not_found", "of a time to come");
    assert.deepEqual(statusOf(newer), { status: "UNKNOWN", message: "of a time to come", code: "object.later" });
  });

  it("a status without a known code becomes the code for it", () => {
    const codes = Array.from({ length: 18 }, (_, number) => errorOf({ "grpc-status": String(number) }, place)?.code);
    assert.deepEqual(codes, [
      undefined,
      "rpc.cancelled",
      "rpc.failed",
      "input.invalid",
      "rpc.deadline",
      "rpc.not_found",
      "rpc.refused",
      "rpc.denied",
      "rpc.exhausted",
      "rpc.refused",
      "rpc.refused",
      "rpc.refused",
      "rpc.unimplemented",
      "rpc.failed",
      "rpc.unavailable",
      "rpc.data_loss",
      "rpc.denied",
      "rpc.failed",
    ]);
    assert.equal(errorOf({ "grpc-status": "5", "p8e-code": "no.such" }, place)?.code, "rpc.not_found");
    assert.equal(errorOf({ "grpc-status": "5", "p8e-code": "constructor" }, place)?.code, "rpc.not_found");
  });

  it("a peer's control characters do not reach a terminal", () => {
    const error = errorOf({ "grpc-status": "2", "grpc-message": "a%1B[31mb%00c%0Ad" }, place);
    assert.equal(error?.message, "a\ufffd[31mb\ufffdc\nd");
  });
});

describe("timeout", () => {
  it("is read in every unit", () => {
    const read = ["1H", "2M", "3S", "4m", "5000u", "6000000n", "0m", "99999999H"].map(parseTimeout);
    assert.deepEqual(read, [3_600_000, 120_000, 3000, 4, 5, 6, 0, 99_999_999 * 3_600_000]);
  });

  it("is refused when malformed", () => {
    for (const text of ["", "5", "m", "-1m", "1.5S", "123456789m", "1s", "1m ", "０m"]) {
      assert.throws(() => parseTimeout(text), { code: "rpc.protocol" }, text);
    }
  });

  it("is written so that reading it gives no less, and at most eight digits", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3.5e14, noNaN: true }), (milliseconds) => {
        const text = formatTimeout(milliseconds);
        assert.match(text, /^\d{1,8}[mSMH]$/);
        assert.ok(parseTimeout(text) >= milliseconds - 1e-6);
      }),
    );
    assert.deepEqual([1, 1500, 1e8, -5].map(formatTimeout), ["1m", "1500m", "100000S", "0m"]);
  });
});

describe("metadata", () => {
  it("keeps several values of a name in order, names without regard to case", () => {
    const metadata = new Metadata({ "X-Key": ["a", "b"], "raw-bin": new Uint8Array([0, 255]) });
    metadata.append("x-key", "c");
    assert.deepEqual(metadata.getAll("X-KEY"), ["a", "b", "c"]);
    assert.equal(metadata.get("x-key"), "a");
    assert.deepEqual(metadata.getBytes("raw-bin"), new Uint8Array([0, 255]));
    assert.equal(metadata.get("raw-bin"), undefined);
  });

  it("comes back from its headers", () => {
    const values = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 4 });
    fc.assert(
      fc.property(values, fc.array(fc.stringMatching(/^[!-~]{1,10}$/), { maxLength: 4 }), (bytes, texts) => {
        const sent = new Metadata({ "a-bin": bytes, b: texts });
        const received = Metadata.fromRawHeaders([...sent.toHeaders()].flat());
        assert.deepEqual([...received], [...sent]);
      }),
    );
  });

  it("splits joined binary values, takes both forms of base64 padding, and drops what is not base64", () => {
    const received = Metadata.fromRawHeaders(["k-bin", "AA==,AQ", "k-bin", "?", "k-bin", "Ag"]);
    assert.deepEqual(
      [...received].map(([, value]) => value),
      [new Uint8Array([0]), new Uint8Array([1]), new Uint8Array([2])],
    );
  });

  it("the protocol's own headers are neither shown nor settable", () => {
    const raw = [":path", "/x", "grpc-timeout", "1S", "content-type", "application/grpc", "te", "trailers", "a", "1"];
    assert.deepEqual([...Metadata.fromRawHeaders(raw)], [["a", "1"]]);
    for (const name of ["grpc-status", "te", "Content-Type", ":path", "p8e-code", "transfer-encoding", "a b", ""]) {
      assert.throws(() => new Metadata({ [name]: "1" }), { code: "input.invalid" }, name);
    }
  });

  it("values that would not arrive as they are cannot be set", () => {
    for (const value of [" a", "a ", "a\n", "ä", "\u0000"]) {
      assert.throws(() => new Metadata({ a: value }), { code: "input.invalid" });
    }
    assert.throws(() => new Metadata({ "a-bin": "text" }), { code: "input.invalid" });
    assert.throws(() => new Metadata({ a: new Uint8Array(1) }), { code: "input.invalid" });
  });
});

describe("peer URL", () => {
  it("https and grpcs are TLS, everything else is plaintext; the port defaults to 443 or 80", () => {
    const read = (url: string) => Object.values(parsePeerUrl(url));
    assert.deepEqual(read("https://a.example"), ["a.example", 443, true]);
    assert.deepEqual(read("grpcs://a.example"), ["a.example", 443, true]);
    assert.deepEqual(read("grpcs://a.example:80"), ["a.example", 80, true]);
    assert.deepEqual(read("http://a.example"), ["a.example", 80, false]);
    assert.deepEqual(read("tcp://a.example:5000/path?q"), ["a.example", 5000, false]);
    assert.deepEqual(read("grpc://user:pass@[::1]:8080"), ["::1", 8080, false]);
    assert.deepEqual(read("GRPC://A.Example"), ["a.example", 80, false]);
  });

  it("what has no scheme or no host is refused, without repeating it", () => {
    for (const url of ["", "a.example", "host:8080", "grpc://", "grpc:///path", "http://a:99999", "grpc://a%00b"]) {
      assert.throws(() => parsePeerUrl(url), {
        code: "input.invalid",
        message: "a peer's URL needs a scheme and a host",
      });
    }
  });
});
