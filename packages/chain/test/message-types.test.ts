import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type JsonValue, setExtension, toBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MessageOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { networks, parseAccountAddress, systemClock } from "@p8e/core";
import { ServerReflection, signer } from "@p8e/proto/reflection";
import { service, startRpcServer } from "@p8e/rpc";
import { NodeEndpoint } from "../src/endpoint/endpoint.ts";
import { sendCoins } from "../src/messages/account-messages.ts";
import { grantAuthorization } from "../src/messages/grant-messages.ts";
import { messageTypesOfSet } from "../src/types/described-types.ts";
import { MessageTypes } from "../src/types/message-types.ts";
import { reflectTypes } from "../src/types/reflected-types.ts";
import { parseTransactionJson } from "../src/types/transaction-json.ts";
import { connectTo, startNode } from "./embedded-node.ts";

const from = parseAccountAddress("tp1hslffrztjp399d86a25fh2khg0c6je3achzhyj", networks.local.accountPrefix);
const to = parseAccountAddress("tp196g09ugqd0rhkqgu4cnd97e65akeq9dmhttc25", networks.local.accountPrefix);

const STRING = 9;
const MESSAGE = 11;
const REPEATED = 3;
const signedBy = (...fields: string[]) => {
  const options = create(MessageOptionsSchema);
  setExtension(options, signer, fields);
  return options;
};
const field = (name: string, number: number, typeName?: string) => ({
  ...{ name, jsonName: name, number, type: typeName === undefined ? STRING : MESSAGE, label: 1 },
  ...(typeName === undefined ? {} : { typeName }),
});

/** A module that nobody has: its messages are signed by an address, by several, by a message's owner, and by nobody. */
const owner = create(FileDescriptorProtoSchema, {
  ...{ name: "acme/owner.proto", package: "acme", syntax: "proto3" },
  messageType: [{ name: "Deed", options: signedBy("holder"), field: [field("holder", 1), field("text", 2)] }],
});
const module_ = create(FileDescriptorProtoSchema, {
  ...{ name: "acme/tx.proto", package: "acme", syntax: "proto3", dependency: [owner.name] },
  messageType: [
    { name: "MsgOne", options: signedBy("from"), field: [field("from", 1), field("note", 2)] },
    {
      name: "MsgMany",
      options: signedBy("all", "last"),
      field: [{ ...field("all", 1), label: REPEATED }, field("last", 2)],
    },
    { name: "MsgDeed", options: signedBy("deed"), field: [field("deed", 1, ".acme.Deed")] },
    { name: "MsgDeeds", options: signedBy("deeds"), field: [{ ...field("deeds", 1, ".acme.Deed"), label: REPEATED }] },
    { name: "NoMessage", field: [field("from", 1)] },
    { name: "MsgWrong", options: signedBy("nothing"), field: [field("from", 1)] },
  ],
});
const bytesOf = (file: FileDescriptorProto) => toBinary(FileDescriptorProtoSchema, file);
const setOf = (...file: FileDescriptorProto[]) =>
  toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));

/** One message as a file has it. */
const one = (types: MessageTypes, json: JsonValue) => {
  const { messages } = types.read(parseTransactionJson(JSON.stringify(json)));
  assert.equal(messages.length, 1);
  return messages[0]!;
};

describe("messages by their types", () => {
  it("JSON of a known type is the same message as its function makes, and is read again from its bytes", () => {
    const json = {
      "@type": "/cosmos.bank.v1beta1.MsgSend",
      from_address: from,
      to_address: to,
      amount: [{ denom: "nhash", amount: "5" }],
    };
    const message = one(new MessageTypes(), json);
    const { typeUrl, value, signers } = sendCoins({ from, to, amounts: [{ denomination: "nhash", amount: 5n }] });
    assert.deepEqual(
      { typeUrl: message.typeUrl, value: message.value, signers: message.signers },
      { typeUrl, value, signers },
    );
    assert.deepEqual(message.json, json);
  });

  it("what is packed inside has the type URLs of the chain", () => {
    const type = "/provenance.metadata.v1.MsgWriteScopeRequest";
    const json = {
      "@type": "/cosmos.authz.v1beta1.MsgGrant",
      granter: from,
      grantee: to,
      grant: {
        authorization: { "@type": "/cosmos.authz.v1beta1.GenericAuthorization", msg: type },
        expiration: "2030-03-17T17:46:40Z",
      },
    };
    assert.deepEqual(parseTransactionJson(JSON.stringify(json)).typeNames, [
      "cosmos.authz.v1beta1.MsgGrant",
      "cosmos.authz.v1beta1.GenericAuthorization",
    ]);
    const message = one(new MessageTypes(), json);
    assert.deepEqual(
      message.value,
      grantAuthorization({ granter: from, grantee: to, messageTypeUrl: type, expiresAtMs: 1_900_000_000_000 }).value,
    );
    assert.deepEqual(message.json, json);
  });

  it("signers are found by the option of the type, also of messages inside", () => {
    const types = messageTypesOfSet(setOf(module_, owner));
    const signersOf = (json: JsonValue) => one(types, json).signers;
    assert.deepEqual(signersOf({ "@type": "/acme.MsgOne", from, note: "n" }), [from]);
    assert.deepEqual(signersOf({ "@type": "/acme.MsgMany", all: [from, to], last: from }), [from, to, from]);
    assert.deepEqual(signersOf({ "@type": "/acme.MsgDeed", deed: { holder: to } }), [to]);
    assert.deepEqual(signersOf({ "@type": "/acme.MsgDeeds", deeds: [{ holder: to }, { holder: from }] }), [to, from]);
    const nobody = { code: "input.invalid", message: /does not say who must sign it/ };
    assert.throws(() => signersOf({ "@type": "/acme.NoMessage", from }), nobody);
    assert.throws(() => signersOf({ "@type": "/acme.MsgWrong", from }), nobody);
  });

  it("a list and an unsigned transaction are read as one; numbers keep all their digits", () => {
    const send = (amount: string) => ({
      "@type": "/cosmos.bank.v1beta1.MsgSend",
      from_address: from,
      to_address: to,
      amount: [{ denom: "nhash", amount }],
    });
    const types = new MessageTypes();
    const list = types.read(parseTransactionJson(JSON.stringify([send("1"), send("2")])));
    assert.deepEqual([list.messages.map(({ json }) => json), list.memo], [[send("1"), send("2")], undefined]);
    // As `provenanced tx bank send … --generate-only` of v1.30.0 prints it.
    const body = {
      ...{ messages: [send("1")], memo: "hello", timeout_height: "0", unordered: false, timeout_timestamp: null },
      ...{ extension_options: [], non_critical_extension_options: [] },
    };
    const fee = { amount: [{ denom: "nhash", amount: "1" }], gas_limit: "200000", payer: "", granter: "" };
    const unsigned = { body, auth_info: { signer_infos: [], fee, tip: null }, signatures: [] };
    const made = types.read(parseTransactionJson(JSON.stringify(unsigned)));
    assert.deepEqual([made.messages.map(({ json }) => json), made.memo], [[send("1")], "hello"]);
    const late = { ...unsigned, body: { ...body, timeout_height: "5" } };
    assert.throws(() => types.read(parseTransactionJson(JSON.stringify(late))), { code: "input.invalid" });

    const values = `{"@type":"/provenance.metadata.v1.MsgAddNetAssetValuesRequest","scope_id":"s","signers":["${from}"],
      "net_asset_values":[{"price":{"denom":"usd","amount":"1"},"volume":18446744073709551615}]}`;
    const [exact] = types.read(parseTransactionJson(values)).messages;
    assert.ok(JSON.stringify(exact!.json).includes('"volume":"18446744073709551615"'));
    const twice = values.replace('"scope_id":"s"', '"scope_id":"s","scope_id":"t"');
    assert.throws(() => types.read(parseTransactionJson(twice)), { code: "input.invalid", message: /twice/ });
  });

  it("a type, a field or a form that is not known is refused without the value", () => {
    const types = new MessageTypes();
    const refused = (json: JsonValue, message: RegExp) =>
      assert.throws(() => one(types, json), { code: "input.invalid", message });
    refused({ "@type": "/acme.MsgOne" }, /names the type acme.MsgOne, which is not known here/);
    refused({ "@type": "/cosmos.bank.v1beta1.MsgSend", from: "x" }, /from/);
    refused({ "@type": "type.googleapis.com/cosmos.bank.v1beta1.MsgSend" }, /is a slash and the full name/);
    refused({ from_address: from }, /is a JSON object with "@type"/);
    refused([], /from 1 to 100 messages/);
    let deep: JsonValue = { "@type": "/acme.MsgOne" };
    for (let depth = 0; depth < 100; depth++) deep = { "@type": "/acme.MsgOne", inner: deep };
    refused(deep, /nested too deep/);
  });

  it("a description that is none, lacks a file or is too large is refused", () => {
    const hint = /with its imports/;
    assert.throws(() => messageTypesOfSet(new Uint8Array([1, 2, 3]), "a.binpb"), {
      code: "input.invalid",
      hint,
      message: /^a\.binpb: the description of types has a field number that none can have$/,
    });
    assert.throws(() => messageTypesOfSet(setOf(module_), "a.binpb"), {
      code: "input.invalid",
      hint,
      message: /^a\.binpb: \S+ imports \S+, which is not among them$/,
    });
    assert.throws(() => messageTypesOfSet(new Uint8Array(9_000_000)), { code: "input.too_large" });
  });
});

describe("types that a node describes", () => {
  type Ask = { readonly case?: string | undefined; readonly value?: unknown };

  /** A node that answers questions for its types like this. */
  async function reflecting(answer: (ask: Ask) => readonly Uint8Array[] | number) {
    const server = await startRpcServer({
      port: 0,
      services: [
        service(ServerReflection, {
          async *serverReflectionInfo(requests) {
            for await (const { messageRequest } of requests) {
              const given = answer(messageRequest);
              if (typeof given === "number") {
                yield { messageResponse: { case: "errorResponse", value: { errorCode: given, errorMessage: "no" } } };
              } else {
                yield {
                  messageResponse: { case: "fileDescriptorResponse", value: { fileDescriptorProto: [...given] } },
                };
              }
            }
          },
        }),
      ],
    });
    const node = new NodeEndpoint({
      url: `grpc://127.0.0.1:${server.port}`,
      timeoutMs: 10_000,
      clock: systemClock,
      random: (length) => new Uint8Array(length),
    });
    return {
      types: (...names: string[]) => reflectTypes(node, names),
      [Symbol.asyncDispose]: async () => {
        await node[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  }

  it("are asked for by name, and what they import by file", async () => {
    const asked: Ask[] = [];
    await using node = await reflecting((ask) => {
      asked.push({ case: ask.case, value: ask.value } as Ask);
      return [bytesOf(ask.case === "fileContainingSymbol" ? module_ : owner)];
    });
    const types = await node.types("acme.MsgDeed");
    assert.deepEqual(one(types, { "@type": "/acme.MsgDeed", deed: { holder: to } }).signers, [to]);
    assert.deepEqual(asked, [
      { case: "fileContainingSymbol", value: "acme.MsgDeed" },
      { case: "fileByFilename", value: "acme/owner.proto" },
    ]);
  });

  it("of a name that the node does not have are an error that names it", async () => {
    await using node = await reflecting(() => 5);
    await assert.rejects(node.types("acme.MsgNone"), { code: "input.invalid", message: /knows no type acme.MsgNone/ });
  });

  it("are bounded, and must be what was asked for", async () => {
    let made = 0;
    const endless = () => {
      made++;
      const dependency = [`f${made + 1}.proto`];
      return [bytesOf(create(FileDescriptorProtoSchema, { name: `f${made}.proto`, syntax: "proto3", dependency }))];
    };
    const large = create(FileDescriptorProtoSchema, { name: "x".repeat(5_000_000), syntax: "proto3" });
    for (const [answer, message] of [
      [endless, /sent too much/],
      [() => [bytesOf(large), bytesOf(large)], /sent too much/],
      [() => [new Uint8Array([1, 2, 3])], /types that cannot be read/],
      [(ask) => [bytesOf(ask.case === "fileContainingSymbol" ? module_ : module_)], /no file acme\/owner.proto/],
      [() => 13, /another answer than was asked for/],
    ] as readonly (readonly [Parameters<typeof reflecting>[0], RegExp])[]) {
      await using node = await reflecting(answer);
      await assert.rejects(node.types("acme.MsgDeed"), { code: "rpc.protocol", message });
    }
  });

  it("an embedded ledger has no others than those known here, and names the real one", async () => {
    await using node = await startNode();
    await using chain = await connectTo(node.url);
    assert.ok((await chain.messageTypes(["cosmos.bank.v1beta1.MsgSend"])).has("cosmos.bank.v1beta1.MsgSend"));
    await assert.rejects(chain.messageTypes(["provenance.name.v1.MsgBindNameRequest"]), {
      code: "rpc.unimplemented",
      message: "the embedded ledger does not support provenance.name.v1.MsgBindNameRequest",
      hint: /--ledger provenanced/,
    });
  });
});
