import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseGoInteger } from "../src/domain/go-integer.ts";
import { parseGoUrl } from "../src/domain/go-url.ts";
import { isIpv6Address } from "../src/domain/ipv6-address.ts";

function vectorsOf<V>(name: string): readonly V[] {
  const file = new URL(`../../../vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { vectors: V[] }).vectors;
}

interface IntegerVector {
  readonly text: string;
  readonly value: string | null;
}

interface UrlVector {
  readonly uri: string;
  readonly scheme: string | null;
  readonly host: string | null;
  readonly text: string | null;
}

describe("texts are read as by Go", () => {
  it("whole numbers", () => {
    for (const { text, value } of vectorsOf<IntegerVector>("go-integer")) {
      assert.equal(parseGoInteger(text)?.toString() ?? null, value, JSON.stringify(text));
    }
  });

  it("URIs, and what is written of them again", () => {
    for (const { uri, scheme, host, text } of vectorsOf<UrlVector>("go-url")) {
      const expected = text === null ? undefined : { scheme, host, text };
      assert.deepEqual(parseGoUrl(uri), expected, JSON.stringify(uri));
    }
  });

  it("a number of any length in a bounded time", () => {
    assert.equal(parseGoInteger("9".repeat(1_000_000)), undefined);
    assert.equal(parseGoInteger(`${"0".repeat(1_000_000)}5`), 5n);
  });

  it("a zone of an address is not empty", () => {
    assert.deepEqual(
      ["::1%", "::1%a", "::1%a%b", "%a"].map((text) => isIpv6Address(text)),
      [false, true, true, false],
    );
  });
});
