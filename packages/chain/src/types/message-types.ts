import {
  createRegistry,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Registry,
  toJson,
} from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { P8eError } from "@p8e/core";
import { fromPacked, isKnownMessage, knownTypes, type LedgerMessage } from "../messages/ledger-message.ts";
import { signersOf } from "./message-signers.ts";
import { withChainTypeUrls } from "./type-urls.ts";

/** A message that was made of JSON, and what its bytes say when they are read again: what is signed, for a person to see. */
export interface TypedMessage extends LedgerMessage {
  /** Protobuf JSON with `@type`. */
  readonly json: JsonValue;
}

/** Types of messages by name: those that this package brings along, and others that a node or a file described. */
export class MessageTypes {
  readonly #registry: Registry;

  /** @param described types beside those known here, which win where both have one */
  constructor(described?: Registry) {
    this.#registry = described === undefined ? knownTypes() : createRegistry(described, knownTypes());
  }

  has(typeName: string): boolean {
    return this.#registry.getMessage(typeName) !== undefined;
  }

  /**
   * The message that protobuf JSON with `@type` describes.
   * @throws `input.invalid` when a type in it is not known, a value does not fit, or nobody is named to sign it
   */
  message(json: JsonValue): TypedMessage {
    const [typeName] = typeNamesIn(json);
    const schema = typeName === undefined ? undefined : this.#registry.getMessage(typeName);
    if (schema === undefined) {
      throw new P8eError("input.invalid", "the type of a message is not known", {
        facts: { type: typeName?.slice(0, 200) },
      });
    }
    const packed = this.#pack(json, schema);
    const { typeUrl } = packed;
    const signers = isKnownMessage(typeUrl)
      ? fromPacked(packed).signers
      : signersOf(schema, fromBinary(schema, packed.value));
    return { typeUrl, value: packed.value, signers, json: this.#unpack(packed) };
  }

  #pack(json: JsonValue, schema: DescMessage): Any {
    try {
      return withChainTypeUrls(fromJson(AnySchema, json, { registry: this.#registry }), this.#registry);
    } catch (cause) {
      throw new P8eError("input.invalid", `the JSON is not that of a ${schema.typeName}`, {
        facts: { type: schema.typeName, reason: reasonOf(cause) },
        cause,
      });
    }
  }

  #unpack(packed: Any): JsonValue {
    try {
      const json = toJson(AnySchema, packed, { registry: this.#registry, useProtoFieldName: true });
      return { "@type": packed.typeUrl, ...(json as JsonObject) };
    } catch (cause) {
      throw new P8eError("input.invalid", "a message cannot be read again from its bytes", {
        facts: { type: packed.typeUrl.slice(0, 200), reason: reasonOf(cause) },
        cause,
      });
    }
  }
}

/** Names in JSON are bounded by what a transaction can hold. */
const DEPTH_MAX = 64;
const TYPES_MAX = 200;
const TYPE_URL = /^\/[A-Za-z_][A-Za-z0-9_.]{0,200}$/;

/**
 * The names of all types that `@type` names, the message's own first.
 * @throws `input.invalid` when the JSON is no object with `@type`, nested too deep, or names a type otherwise than `/NAME`
 */
export function typeNamesIn(json: JsonValue): readonly string[] {
  if (typeof json !== "object" || json === null || Array.isArray(json) || json["@type"] === undefined) {
    throw new P8eError("input.invalid", 'a message is a JSON object with "@type"', {
      hint: 'As {"@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": …}.',
    });
  }
  const names = new Set<string>();
  collect(json, names, 0);
  return [...names];
}

function collect(json: JsonValue, names: Set<string>, depth: number): void {
  if (typeof json !== "object" || json === null) return;
  if (depth > DEPTH_MAX || names.size > TYPES_MAX) {
    throw new P8eError("input.invalid", "the message is nested too deep, or holds too many types");
  }
  if (!Array.isArray(json) && json["@type"] !== undefined) names.add(typeNameOf(json["@type"]));
  for (const value of Object.values(json)) collect(value, names, depth + 1);
}

function typeNameOf(url: JsonValue): string {
  if (typeof url === "string" && TYPE_URL.test(url)) return url.slice(1);
  throw new P8eError("input.invalid", '"@type" is a slash and the full name of a message', {
    facts: { type: typeof url === "string" ? url.slice(0, 200) : typeof url },
  });
}

/** The decoder quotes the value it stumbled over; the field's name and what is wrong with it suffice. */
function reasonOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : "").split(" from JSON")[0]!.slice(0, 300);
}
