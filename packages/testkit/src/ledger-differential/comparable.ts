import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { type Any, AnySchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { hexEncode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";

/** Fields that say nothing about a rule: how a node numbers accounts and blocks, keys of its own pages, texts. */
const ownOfNode = new Set(["accountNumber", "updatedBlockHeight", "nextKey", "rawLog"]);

const insideAny: ReadonlyMap<string, DescMessage> = new Map(
  [
    cosmos.auth.BaseAccountSchema,
    cosmos.auth.ModuleAccountSchema,
    cosmos.authz.GenericAuthorizationSchema,
    cosmos.authz.CountAuthorizationSchema,
    cosmos.feegrant.BasicAllowanceSchema,
    cosmos.feegrant.PeriodicAllowanceSchema,
    cosmos.feegrant.AllowedMsgAllowanceSchema,
    cosmos.secp256k1.PubKeySchema,
  ].map((schema) => [`/${schema.typeName}`, schema]),
);

/**
 * A message as plain values that two nodes must agree on: without its times and numbers of blocks, which are each node's
 * own, and with what lies packed in it unpacked. Years before 1970 stay, since they stand for "never".
 */
export function comparable(message: Message): unknown {
  return plain(message);
}

function plain(value: unknown, name = ""): unknown {
  if (ownOfNode.has(name)) return value instanceof Uint8Array ? value.length > 0 : "own";
  if (value instanceof Uint8Array) return hexEncode(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map((item) => plain(item, name));
  if (typeof value !== "object" || value === null) return value;
  const { $typeName } = value as Partial<Message>;
  if ($typeName === TimestampSchema.typeName) return (value as { seconds: bigint }).seconds < 0n ? "never" : "a time";
  if ($typeName === AnySchema.typeName) return packedValue(value as Any);
  const fields = Object.entries(value).filter(([key, field]) => !key.startsWith("$") && field !== undefined);
  return Object.fromEntries(fields.map(([key, field]) => [key, plain(field, key)]));
}

function packedValue({ typeUrl, value }: Any): unknown {
  const schema = insideAny.get(typeUrl);
  return { typeUrl, value: schema === undefined ? hexEncode(value) : plain(fromBinary(schema, value)) };
}
