import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type MessageTypes, messageTypesOfSet, parseTransactionJson } from "@p8e/chain/message-types";
import { concatBytes, utf8Decode, utf8Encode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import * as metadata from "@p8e/proto/metadata";
import type { Door } from "../door.ts";
import { messageBytes, messageJson } from "../grammar.ts";
import type { Random } from "../random.ts";
import { readersDoor } from "../readers-door.ts";

const BYTES_MAX = 1024 * 1024;
const requests = metadata.file_provenance_metadata_v1_tx.messages.filter(({ name }) => /^Msg\w+Request$/.test(name));
const described = fileDescriptorSet([...requests, cosmos.tx.TxSchema]);

/** Messages to send as a person's file says them, and the description of types that comes with it or from the node. */
export async function openDoor(): Promise<Door> {
  const types = messageTypesOfSet(described);
  return readersDoor(
    [
      {
        seeds: [
          '{"@type":"/cosmos.bank.v1beta1.MsgSend","from_address":"tp1x","amount":[{"denom":"nhash","amount":"5"}]}',
          '{"body":{"messages":[{"@type":"/provenance.metadata.v1.MsgDeleteScopeRequest","signers":["tp1x"]}],"memo":"m"}}',
          '[{"@type":"/cosmos.authz.v1beta1.MsgGrant","granter":"tp1x","grant":{"authorization":{"@type":"/cosmos.authz.v1beta1.GenericAuthorization","msg":"/x.Y"},"expiration":"2030-03-17T17:46:40Z"}}]',
        ].map(utf8Encode),
        generate: (random) => utf8Encode(transaction(random)),
        read: (bytes) => send(types, bytes),
      },
      {
        seeds: [described],
        generate: typeSet,
        read: (bytes) => send(messageTypesOfSet(bytes), utf8Encode('{"@type":"/x.Y"}')),
      },
    ],
    {
      bytesMax: BYTES_MAX,
      words: [
        "@type",
        "/cosmos.bank.v1beta1.MsgSend",
        "body",
        "messages",
        "memo",
        "amount",
        "signers",
        "timeoutHeight",
      ],
    },
  );
}

function send(types: MessageTypes, bytes: Uint8Array): void {
  types.read(parseTransactionJson(utf8Decode(bytes)));
}

function transaction(random: Random): string {
  const schema = random.pick(requests);
  const inside = messageJson(random, schema).slice(1);
  const message = `{"@type":"/${schema.typeName}"${inside === "}" ? "" : ","}${inside}`;
  return random.oneIn(2) ? message : `[${Array.from({ length: 1 + random.size(4) }, () => message).join()}]`;
}

/** A whole set, or the one that is known and a file more. */
function typeSet(random: Random): Uint8Array {
  const options = { bytesMax: BYTES_MAX / 4 };
  if (random.oneIn(2)) return messageBytes(random, FileDescriptorSetSchema, options);
  const file = messageBytes(random, FileDescriptorProtoSchema, options);
  return concatBytes(random.oneIn(2) ? described : new Uint8Array(0), lengthed(file));
}

function lengthed(file: Uint8Array): Uint8Array {
  const head = [0x0a];
  let rest = file.length;
  for (; rest >= 128; rest >>>= 7) head.push((rest & 127) | 128);
  return concatBytes(Uint8Array.from([...head, rest]), file);
}
