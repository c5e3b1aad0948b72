import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { isP8eError } from "@p8e/core";
import * as objectStore from "@p8e/proto/object-store";
import { checkPublicKeyRequest } from "../src/domain/public-key-request.ts";

function answer(url: string): string {
  const request = create(objectStore.PublicKeyRequestSchema, {
    publicKey: { key: { case: "secp256k1", value: Uint8Array.of(1) } },
    url,
  });
  try {
    return checkPublicKeyRequest(request).url;
  } catch (error) {
    if (isP8eError(error)) return error.message.replace(`Unable to parse url ${url} - `, "");
    throw error;
  }
}

describe("a registered URL", () => {
  for (const url of ["tcp://127.0.0.1:8080", "grpc://peer", "http://[::1]:1", "host:8080", "grpcs://a.example:443/x"]) {
    it(`may be ${url}`, () => assert.equal(answer(url), url));
  }

  for (const [url, problem] of [
    ["invalidurl.com", "RelativeUrlWithoutBase"],
    ["//host/path", "RelativeUrlWithoutBase"],
    ["http://", "EmptyHost"],
    ["http://host:99999", "InvalidPort"],
    ["http://host:a", "InvalidPort"],
    ["http://[::1", "InvalidIpv6Address"],
    ["http://a b", "InvalidDomainCharacter"],
    ["http://1.2.3.999", "InvalidIpv4Address"],
  ] as const) {
    it(`may not be ${url}: ${problem}`, () => assert.equal(answer(url), problem));
  }
});
