import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { create, toJson } from "@bufbuild/protobuf";

/** An event as transaction results carry it: values are text; typed events have JSON as values. */
export interface LedgerEvent {
  readonly type: string;
  readonly attributes: readonly (readonly [string, string])[];
}

/** An event with text as values, in the order given. */
export function event(type: string, attributes: Readonly<Record<string, string>>): LedgerEvent {
  return { type, attributes: Object.entries(attributes) };
}

/** A typed event: the message's full name, its fields by their proto names in ascending order, values as JSON. */
export function typedEvent<D extends DescMessage>(schema: D, value: MessageInitShape<D>): LedgerEvent {
  const json = toJson(schema, create(schema, value), { alwaysEmitImplicit: true, useProtoFieldName: true });
  const attributes = Object.entries(json as Record<string, unknown>)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => [name, JSON.stringify(field)] as const);
  return { type: schema.typeName, attributes };
}

/** The event with one attribute more, at its end. */
export function withAttribute(given: LedgerEvent, name: string, value: string): LedgerEvent {
  return { type: given.type, attributes: [...given.attributes, [name, value]] };
}
