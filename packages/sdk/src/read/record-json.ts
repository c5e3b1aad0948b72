import { type DescMessage, type JsonValue, type Message, type Registry, toJson } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { P8eError } from "@p8e/core";
import { checkMessage, decodeMessage, valueBudget } from "@p8e/decoding";

/**
 * A record's value by protobuf's JSON mapping: names in lowerCamelCase, enums by name, bytes in base64, an Any opened by the
 * registry. What is in an Any is bounded with what it is in, before the mapping opens it.
 *
 * @throws `session.type_mismatch` for an Any of a type that the registry lacks, and for what JSON cannot say;
 *   `input.too_large`
 */
export function recordJson(
  schema: DescMessage,
  message: Message,
  registry: Registry,
  record: string,
): { readonly value: JsonValue; readonly unknownFields: number } {
  const walk = new Walk(registry, record);
  walk.message(reflect(schema, message), record);
  try {
    return { value: toJson(schema, message, { registry }), unknownFields: walk.unknownFields };
  } catch (cause) {
    // A time out of range, a number that is none in a google.protobuf.Value …
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : "";
    throw new P8eError("session.type_mismatch", `the record "${record}" holds what protobuf's JSON cannot say`, {
      facts: { record, expected: schema.typeName, found: reason },
      cause,
    });
  }
}

class Walk {
  readonly #registry: Registry;
  readonly #record: string;
  #depth = 0;
  /** What all Anys together may still come to: each alone within the budget of a value, they could be any number. */
  #anyFields = valueBudget.fields;
  unknownFields = 0;

  constructor(registry: Registry, record: string) {
    this.#registry = registry;
    this.#record = record;
  }

  message(reflected: ReflectMessage, path: string): void {
    if (this.#depth >= valueBudget.depth) throw this.#tooLarge("is nested more deeply than is read", valueBudget.depth);
    this.#depth += 1;
    this.unknownFields += reflected.message.$unknown?.length ?? 0;
    if (reflected.desc.typeName === "google.protobuf.Any") this.#any(reflected, path);
    else this.#fields(reflected, path);
    this.#depth -= 1;
  }

  #fields(reflected: ReflectMessage, path: string): void {
    for (const field of reflected.desc.fields) {
      if (field.message === undefined || !reflected.isSet(field)) continue;
      const at = `${path}.${field.jsonName}`;
      if (field.fieldKind === "message") this.message(reflected.get(field), at);
      else if (field.fieldKind === "list") {
        for (const item of reflected.get(field)) this.message(item as ReflectMessage, at);
      } else if (field.fieldKind === "map") {
        for (const [, item] of reflected.get(field)) this.message(item as ReflectMessage, at);
      }
    }
  }

  #any(reflected: ReflectMessage, path: string): void {
    const { typeUrl, value } = reflected.message as Message & { typeUrl: string; value: Uint8Array };
    // Protobuf's JSON says an Any of nothing as {}.
    if (typeUrl === "") return;
    const type = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
    const schema = this.#registry.getMessage(type);
    if (schema === undefined) {
      throw new P8eError("session.type_mismatch", `${path} holds a type that its contract did not bring along`, {
        facts: { record: this.#record, expected: "a type of the contract", found: type.slice(0, 200) },
        hint: "A contract names in types of defineContract what its google.protobuf.Any values hold.",
      });
    }
    const context = { what: path, code: "session.type_mismatch" } as const;
    const budget = { ...valueBudget, fields: this.#anyFields, depth: valueBudget.depth - this.#depth };
    this.#anyFields -= checkMessage(schema, value, context, budget);
    if (this.#anyFields < 0) {
      throw this.#tooLarge("holds more in its google.protobuf.Any values than is read", valueBudget.fields);
    }
    this.message(reflect(schema, decodeMessage(schema, value, context, { budget })), path);
  }

  #tooLarge(problem: string, limit: number): P8eError {
    return new P8eError("input.too_large", `the record "${this.#record}" ${problem}`, { facts: { limit } });
  }
}
