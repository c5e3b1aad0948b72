import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createRegistry, equals } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { anyTypeName, packAny, unpackAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import * as scope from "@p8e/proto/scope";

const { CoinSchema } = cosmos.coin;
const coin = create(CoinSchema, { denom: "nhash", amount: "7" });
const registry = createRegistry(CoinSchema);

test("a packed message has the type URL slash and full name", () => {
  assert.equal(packAny(CoinSchema, coin).typeUrl, "/cosmos.base.v1beta1.Coin");
});

test("a message comes back by its schema and by a registry, under any prefix", () => {
  const { value } = packAny(CoinSchema, coin);
  for (const prefix of ["/", "type.googleapis.com/", "https://example.org/a/b/"]) {
    const any = create(AnySchema, { typeUrl: `${prefix}cosmos.base.v1beta1.Coin`, value });
    assert.equal(unpackAny(any, CoinSchema).amount, "7");
    const unpacked = unpackAny(any, registry);
    assert.equal(unpacked.$typeName, "cosmos.base.v1beta1.Coin");
    assert.ok(equals(CoinSchema, unpacked as typeof coin, coin));
  }
});

test("a type URL without a slash or without a name is refused", () => {
  for (const typeUrl of ["", "/", "cosmos.base.v1beta1.Coin", "type.googleapis.com/"]) {
    assert.throws(() => anyTypeName(create(AnySchema, { typeUrl })), { code: "input.invalid" }, typeUrl);
  }
});

test("another type than the one wanted, and one the registry lacks, are refused", () => {
  const any = packAny(scope.UUIDSchema, create(scope.UUIDSchema, { value: "x" }));
  assert.throws(() => unpackAny(any, CoinSchema), {
    code: "input.invalid",
    facts: { typeName: "io.provenance.scope.UUID" },
  });
  assert.throws(() => unpackAny(any, registry), {
    code: "input.invalid",
    facts: { typeName: "io.provenance.scope.UUID" },
  });
});

test("bytes that are not the message are refused", () => {
  const any = create(AnySchema, { typeUrl: "/cosmos.base.v1beta1.Coin", value: Uint8Array.of(0x0a, 0x05, 0x61) });
  assert.throws(() => unpackAny(any, registry), { code: "input.invalid" });
});
