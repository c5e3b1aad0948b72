import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { concatBytes, parseUuid, utf8Encode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { ledgerMessages, packed } from "@p8e/testkit";
import fc from "fast-check";
import { TestNetwork } from "./network.ts";

const { family, owner, scopeText, writeFamily, writeScope } = ledgerMessages;

/** A field no message here has, with or without the bit that marks fields as not critical. */
function unknownField(critical: boolean): Uint8Array {
  return new BinaryWriter()
    .uint32(((critical ? 900 : 1024 + 900) << 3) | 0)
    .uint32(1)
    .finish();
}

describe("decoding a transaction", () => {
  let network: TestNetwork;
  let plain: Uint8Array;
  let raw: cosmos.tx.TxRaw;

  before(async () => {
    network = await TestNetwork.open();
    plain = await network.build([network.faucet], [network.send(network.faucet, network.faucet, 1n)]);
    raw = fromBinary(cosmos.tx.TxRawSchema, plain);
  });
  after(() => network[Symbol.asyncDispose]());

  function codeOf(bytes: Uint8Array): string {
    const { result } = network.ledger.broadcast(bytes);
    return result.code === 0 ? "ok" : `${result.codespace}/${result.code}`;
  }

  function rebuilt(change: Partial<Pick<cosmos.tx.TxRaw, "bodyBytes" | "authInfoBytes" | "signatures">>): Uint8Array {
    return toBinary(cosmos.tx.TxRawSchema, { ...raw, ...change });
  }

  async function codeOfMessages(...messages: readonly Any[]): Promise<string> {
    return codeOf(await network.build([network.faucet], messages));
  }

  it("refuses unknown fields in the envelope and in the fee's part", () => {
    assert.equal(codeOf(concatBytes(plain, unknownField(true))), "sdk/2");
    assert.equal(codeOf(concatBytes(plain, unknownField(false))), "sdk/2");
    assert.equal(codeOf(rebuilt({ authInfoBytes: concatBytes(raw.authInfoBytes, unknownField(false)) })), "sdk/2");
  });

  it("refuses unknown fields of the body only when they are critical", () => {
    assert.equal(codeOf(rebuilt({ bodyBytes: concatBytes(raw.bodyBytes, unknownField(true)) })), "sdk/2");
    // It decodes; what was signed is another body.
    assert.equal(codeOf(rebuilt({ bodyBytes: concatBytes(raw.bodyBytes, unknownField(false)) })), "sdk/4");
  });

  it("refuses unknown fields inside a message, and inside one that another carries", async () => {
    const { typeUrl, value } = network.send(network.faucet, network.faucet, 1n);
    const spoiled = create(AnySchema, { typeUrl, value: concatBytes(value, unknownField(true)) });
    assert.equal(await codeOfMessages(spoiled), "sdk/2");
    const exec = packed(cosmos.authz.MsgExecSchema, { grantee: network.faucet.address, msgs: [spoiled] });
    assert.equal(await codeOfMessages(exec), "sdk/2");
  });

  it("refuses a field of the wrong wire type", async () => {
    const { typeUrl } = network.send(network.faucet, network.faucet, 1n);
    const value = new BinaryWriter()
      .uint32((1 << 3) | 0)
      .uint32(5)
      .finish();
    assert.equal(await codeOfMessages(create(AnySchema, { typeUrl, value })), "sdk/2");
  });

  it("refuses fields of the envelope out of order and lengths longer than needed", () => {
    const write = (fields: readonly (readonly [number, Uint8Array])[]) =>
      concatBytes(
        ...fields.map(([number, bytes]) =>
          new BinaryWriter()
            .uint32((number << 3) | 2)
            .bytes(bytes)
            .finish(),
        ),
      );
    const signature = raw.signatures[0]!;
    assert.equal(
      codeOf(
        write([
          [2, raw.authInfoBytes],
          [1, raw.bodyBytes],
          [3, signature],
        ]),
      ),
      "sdk/2",
    );
    const head = write([
      [1, raw.bodyBytes],
      [2, raw.authInfoBytes],
    ]);
    const longer = concatBytes(Uint8Array.of((3 << 3) | 2, 0x80 | signature.length, 0), signature);
    assert.equal(codeOf(concatBytes(head, longer)), "sdk/2");
  });

  it("refuses types nobody knows, and names those of modules that are left out", async () => {
    const value = new Uint8Array(0);
    assert.equal(await codeOfMessages(create(AnySchema, { typeUrl: "/nobody.knows.Msg", value })), "sdk/2");
    const query = "/cosmos.bank.v1beta1.QueryBalanceRequest";
    assert.equal(await codeOfMessages(create(AnySchema, { typeUrl: query, value })), "sdk/2");
    const bytes = await network.build(
      [network.faucet],
      [
        network.send(network.faucet, network.faucet, 1n),
        create(AnySchema, { typeUrl: "/cosmos.gov.v1.MsgVote", value }),
      ],
    );
    const { result } = network.ledger.broadcast(bytes);
    assert.equal(`${result.codespace}/${result.code}`, "sdk/6");
    assert.match(result.log, /MsgVote is not supported by the embedded ledger/);
  });

  it("takes metadata addresses as bech32 text too, and stores them in binary", async () => {
    const alice = await network.warm("text ids");
    const specification = family(parseUuid(`${"0".repeat(31)}1`), parseUuid(`${"0".repeat(31)}2`));
    const scope = parseUuid(`${"0".repeat(31)}3`);
    await network.run([alice], writeFamily(specification, alice));
    const scopeId = utf8Encode(scopeText(scope));
    const { code } = await network.run(
      [alice],
      [writeScope(specification, scope, [owner(alice)], [alice], { scopeId })],
    );
    assert.equal(code, "ok");
    const [stored] = [...network.ledger.read().state.scopes.entries()].map(([, value]) => value);
    assert.equal(stored?.scopeId.length, 17);
  });

  it("refuses a signer that is no address of this network", async () => {
    const message = packed(metadata.MsgDeleteRecordRequestSchema, { signers: ["pb1nobody"] });
    assert.equal(await codeOfMessages(message), "undefined/1");
  });

  it("answers a transaction without a fee as the original does", () => {
    const authInfo = fromBinary(cosmos.tx.AuthInfoSchema, raw.authInfoBytes);
    const { fee: _, ...withoutFee } = authInfo;
    const authInfoBytes = toBinary(cosmos.tx.AuthInfoSchema, withoutFee);
    assert.equal(codeOf(rebuilt({ authInfoBytes })), "undefined/111222");
  });

  it("never breaks on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.notEqual(codeOf(bytes), "ok");
      }),
    );
    fc.assert(
      fc.property(fc.nat(plain.length - 1), fc.nat(254), (position, change) => {
        const bytes = plain.slice();
        bytes[position] = (bytes[position]! + 1 + change) % 256;
        assert.notEqual(codeOf(bytes), "ok");
      }),
      { numRuns: 300 },
    );
  });
});
