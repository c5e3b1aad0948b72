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
import { grantAuthorization, sendCoins } from "../src/messages/account-messages.ts";
import { messageTypesOfSet } from "../src/types/described-types.ts";
import { MessageTypes, typeNamesIn } from "../src/types/message-types.ts";
import { reflectTypes } from "../src/types/reflected-types.ts";
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

describe("messages by their types", () => {
  it("JSON of a known type is the same message as its function makes, and is read again from its bytes", () => {
    const json = {
      "@type": "/cosmos.bank.v1beta1.MsgSend",
      from_address: from,
      to_address: to,
      amount: [{ denom: "nhash", amount: "5" }],
    };
    const message = new MessageTypes().message(json);
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
    assert.deepEqual(typeNamesIn(json), ["cosmos.authz.v1beta1.MsgGrant", "cosmos.authz.v1beta1.GenericAuthorization"]);
    const message = new MessageTypes().message(json);
    assert.deepEqual(
      message.value,
      grantAuthorization({ granter: from, grantee: to, messageTypeUrl: type, expiresAtMs: 1_900_000_000_000 }).value,
    );
    assert.deepEqual(message.json, json);
  });

  it("signers are found by the option of the type, also of messages inside", () => {
    const types = messageTypesOfSet(setOf(module_, owner));
    const signersOf = (json: JsonValue) => types.message(json).signers;
    assert.deepEqual(signersOf({ "@type": "/acme.MsgOne", from, note: "n" }), [from]);
    assert.deepEqual(signersOf({ "@type": "/acme.MsgMany", all: [from, to], last: from }), [from, to, from]);
    assert.deepEqual(signersOf({ "@type": "/acme.MsgDeed", deed: { holder: to } }), [to]);
    assert.deepEqual(signersOf({ "@type": "/acme.MsgDeeds", deeds: [{ holder: to }, { holder: from }] }), [to, from]);
    const nobody = { code: "input.invalid", message: /does not say who must sign it/ };
    assert.throws(() => signersOf({ "@type": "/acme.NoMessage", from }), nobody);
    assert.throws(() => signersOf({ "@type": "/acme.MsgWrong", from }), nobody);
  });

  it("a type, a field or a form that is not known is refused without the value", () => {
    const types = new MessageTypes();
    const refused = (json: JsonValue, message: RegExp) =>
      assert.throws(() => types.message(json), { code: "input.invalid", message });
    refused({ "@type": "/acme.MsgOne" }, /type of a message is not known/);
    refused({ "@type": "/cosmos.bank.v1beta1.MsgSend", from: "x" }, /is not that of a cosmos.bank.v1beta1.MsgSend/);
    refused({ "@type": "type.googleapis.com/cosmos.bank.v1beta1.MsgSend" }, /is a slash and the full name/);
    refused({ from_address: from }, /is a JSON object with "@type"/);
    refused([], /is a JSON object with "@type"/);
    let deep: JsonValue = { "@type": "/acme.MsgOne" };
    for (let depth = 0; depth < 100; depth++) deep = { "@type": "/acme.MsgOne", inner: deep };
    refused(deep, /nested too deep/);
  });

  it("a description that is none, lacks a file or is too large is refused", () => {
    const hint = /with its imports/;
    assert.throws(() => messageTypesOfSet(new Uint8Array([1, 2, 3])), { code: "input.invalid", hint });
    assert.throws(() => messageTypesOfSet(setOf(module_)), { code: "input.invalid", hint });
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
    assert.deepEqual(types.message({ "@type": "/acme.MsgDeed", deed: { holder: to } }).signers, [to]);
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
