import {
  type DescField,
  type DescMessage,
  getOption,
  type Message,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { base64Encode, type CallOptions, P8eError, Pacer } from "@p8e/core";
import { decodeExamined, examineMessage, valueBudget } from "@p8e/decoding";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import * as scope from "@p8e/proto/scope";
import type { IndexConfiguration } from "./index-configuration.ts";

/** What an index has of a message: by JSON names, with what is left out left out. */
export type IndexedValue =
  | string
  | number
  | boolean
  | readonly IndexedValue[]
  | { readonly [name: string]: IndexedValue };

/** How a message is gone through. */
export interface IndexingRules extends IndexConfiguration {
  /** Where types of a google.protobuf.Any are found. */
  readonly registry: Pick<Registry, "getMessage">;
}

const { Index_Behavior: Behavior } = scope;

/**
 * What of a message is indexed, by the index options of its types: a field's own, else its message's, else what the
 * configuration says of those that say nothing (p8e-scope-sdk: sdk/…/ProtoIndexer.kt, where a message's option is never
 * read). What a decision defers to the parent is decided by the field that the message is in. Messages that are not set are
 * not walked; personal data stay out, whatever the options say. Between its parts the event loop gets its turn.
 *
 * @returns undefined when nothing of it is indexed
 * @throws `input.invalid` for a google.protobuf.Any that cannot be read; `input.too_large` for what is nested more deeply
 *   than a value may be, counted through every Any, and for Anys that together come to more fields than one value may have
 */
export async function indexedValue(
  schema: DescMessage,
  message: Message,
  rules: IndexingRules,
  { signal }: Pick<CallOptions, "signal"> = {},
): Promise<IndexedValue | undefined> {
  return await new Walk(rules, signal).message(reflect(schema, message), undefined);
}

/** Whether the parent is indexed; undefined at the top. */
type Parent = boolean | undefined;

class Walk {
  readonly #rules: IndexingRules;
  readonly #signal: AbortSignal | undefined;
  readonly #pacer: Pacer;
  #depth = 0;
  /** What all Anys together may still come to: each alone within the budget of a value, they could be any number. */
  #anyFields = valueBudget.fields;

  constructor(rules: IndexingRules, signal: AbortSignal | undefined) {
    this.#rules = rules;
    this.#signal = signal;
    this.#pacer = new Pacer(signal);
  }

  async message(message: ReflectMessage, parent: Parent): Promise<IndexedValue | undefined> {
    await this.#pacer.rest();
    const { desc } = message;
    if (this.#rules.personalData.has(desc.typeName)) return undefined;
    if (this.#depth >= valueBudget.depth) throw tooLarge("is nested more deeply than is read", valueBudget.depth);
    this.#depth += 1;
    const isAny = desc.typeName === "google.protobuf.Any";
    const value = isAny ? await this.#any(message, parent) : await this.#fields(message, parent);
    this.#depth -= 1;
    return value;
  }

  async #fields(message: ReflectMessage, parent: Parent): Promise<IndexedValue | undefined> {
    const { desc } = message;
    const fields: Record<string, IndexedValue> = Object.create(null) as Record<string, IndexedValue>;
    for (const field of desc.fields) {
      if (this.#rules.personalData.has(`${desc.typeName}.${field.name}`)) continue;
      const value = await this.#field(message, field, this.#decides(field, parent));
      if (value !== undefined) fields[field.jsonName] = value;
    }
    return Object.keys(fields).length === 0 ? undefined : fields;
  }

  #decides(field: DescField, parent: Parent): boolean {
    const said = optionOf(field, scope.index) ?? optionOf(field.parent, scope.message_index);
    const unsaid = this.#rules.unsaid === "indexed" ? Behavior.INDEX_DEFER_PARENT : Behavior.NO_INDEX_DEFER_PARENT;
    switch (said ?? unsaid) {
      case Behavior.ALWAYS:
        return true;
      case Behavior.NEVER:
        return false;
      case Behavior.INDEX_DEFER_PARENT:
        return parent !== false;
      default:
        return parent === true;
    }
  }

  async #field(message: ReflectMessage, field: DescField, indexed: boolean): Promise<IndexedValue | undefined> {
    // A scalar without presence is there, as its default; a message that is not set is not.
    const isThere = message.isSet(field) || (field.fieldKind !== "message" && field.presence === IMPLICIT);
    if (!isThere) return undefined;
    switch (field.fieldKind) {
      case "message":
        return await this.message(message.get(field), indexed);
      case "list": {
        const items: IndexedValue[] = [];
        for (const item of message.get(field)) {
          const value = await this.#item(field, item, indexed);
          if (value !== undefined) items.push(value);
        }
        return items.length === 0 ? undefined : items;
      }
      case "map": {
        const entries: Record<string, IndexedValue> = Object.create(null) as Record<string, IndexedValue>;
        for (const [key, item] of message.get(field)) {
          const value = await this.#item(field, item, indexed);
          if (value !== undefined) entries[String(key)] = value;
        }
        return Object.keys(entries).length === 0 ? undefined : entries;
      }
      default:
        return indexed ? scalar(field, message.get(field)) : undefined;
    }
  }

  async #item(field: DescField, item: unknown, indexed: boolean): Promise<IndexedValue | undefined> {
    if (field.message !== undefined) return await this.message(item as ReflectMessage, indexed);
    return indexed ? scalar(field, item) : undefined;
  }

  async #any(message: ReflectMessage, parent: Parent): Promise<IndexedValue | undefined> {
    const { typeUrl, value } = message.message as Message & { typeUrl: string; value: Uint8Array };
    const schema = this.#rules.registry.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
    if (schema === undefined) return undefined;
    const context = { what: "a google.protobuf.Any of a record" };
    const budget = { ...valueBudget, fields: this.#anyFields, depth: valueBudget.depth - this.#depth };
    const types = () => fileDescriptorSet([schema]);
    this.#anyFields -= await examineMessage(schema, value, context, { types, budget, signal: this.#signal });
    if (this.#anyFields < 0) {
      throw tooLarge("holds more in its google.protobuf.Any values than is read", valueBudget.fields);
    }
    const content = await decodeExamined(schema, value, { signal: this.#signal });
    const within = await this.message(reflect(schema, content), parent);
    return typeof within === "object" && !Array.isArray(within) ? { "@type": typeUrl, ...within } : within;
  }
}

function tooLarge(problem: string, limit: number): P8eError {
  return new P8eError("input.too_large", `a record ${problem}`, { facts: { limit } });
}

/** `google.protobuf.FeatureSet.FieldPresence.IMPLICIT` */
const IMPLICIT = 2;

type IndexOption = typeof scope.index | typeof scope.message_index;

/** Undefined where the option is absent, which is another thing than NOT_SET. */
function optionOf(of: DescField | DescMessage, option: IndexOption): number | undefined {
  if (of.proto.options === undefined) return undefined;
  const has = of.proto.options.$unknown?.some(({ no }) => no === option.number) ?? false;
  if (!has) return undefined;
  return getOption(of as DescField, option as typeof scope.index).index;
}

function scalar(field: DescField, value: unknown): IndexedValue {
  if (field.enum !== undefined) return field.enum.value[value as number]?.name ?? (value as number);
  switch (field.scalar) {
    case ScalarType.BYTES:
      return base64Encode(value as Uint8Array);
    case ScalarType.BOOL:
    case ScalarType.STRING:
      return value as boolean | string;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return Number.isFinite(value) ? (value as number) : String(value);
    default:
      return typeof value === "bigint" ? String(value) : (value as number);
  }
}

/** One indexed text of a record, under a path of JSON names; elements of a list have the path of the list. */
export interface IndexedField {
  readonly path: string;
  readonly text: string;
}

/** Paths of one record. */
export const INDEXED_FIELDS_MAX = 20_000;
/** Characters of one path: keys of maps are as long as who wrote the record wants. */
export const INDEXED_PATH_MAX = 4096;
/** Characters of all paths and texts of one record: a path is kept with each of its texts. */
export const INDEXED_CHARACTERS_MAX = 16 * 1024 * 1024;

/** The texts of a value with their paths. @throws `input.too_large` */
export function indexedFields(value: IndexedValue | undefined, path: string): readonly IndexedField[] {
  const found: IndexedField[] = [];
  let characters = 0;
  const add = (name: string, text: string): void => {
    characters += name.length + text.length;
    if (characters > INDEXED_CHARACTERS_MAX) {
      throw tooLarge(
        `has indexed fields that come to more than ${INDEXED_CHARACTERS_MAX} characters`,
        INDEXED_CHARACTERS_MAX,
      );
    }
    found.push({ path: name, text });
  };
  const walk = (at: IndexedValue, name: string): void => {
    if (found.length >= INDEXED_FIELDS_MAX) {
      throw tooLarge(`has more than ${INDEXED_FIELDS_MAX} indexed fields`, INDEXED_FIELDS_MAX);
    }
    if (name.length > INDEXED_PATH_MAX) {
      throw tooLarge(`has an indexed field with a path of more than ${INDEXED_PATH_MAX} characters`, INDEXED_PATH_MAX);
    }
    if (Array.isArray(at)) for (const item of at) walk(item, name);
    else if (typeof at === "object") for (const [key, item] of Object.entries(at)) walk(item, `${name}.${key}`);
    else add(name, String(at));
  };
  if (value !== undefined) walk(value, path);
  return found;
}
