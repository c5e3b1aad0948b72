import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { equalBytes, goNameHash, P8eError, parseContentHash } from "@p8e/core";
import type { KeyReference } from "@p8e/crypto";
import { decodeExamined, examineMessage } from "@p8e/decoding";
import type { ObjectClient } from "@p8e/object-client";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import { javaClassName } from "@p8e/proto/java-class-name";
import type { ScopeSnapshot } from "../session/scope-snapshot.ts";

type Wanted = DescMessage | { readonly schema: DescMessage; readonly optional: boolean };
/** Which records to read, by name, and as what; one in the form `{ schema, optional: true }` may be absent. */
export type RecordSchemas = Readonly<Record<string, Wanted>>;

type SchemaOf<W> = W extends { readonly schema: infer S extends DescMessage } ? S : W extends DescMessage ? W : never;
type MayLack<W> = W extends { readonly optional: true } ? undefined : never;
/** The records that were asked for, by name; undefined for an optional one that the scope lacks. */
export type Hydrated<R extends RecordSchemas> = {
  readonly [K in keyof R]: MessageShape<SchemaOf<R[K]>> | MayLack<R[K]>;
};

/**
 * Reads a scope's records as typed objects out of a party's own store. Every byte is checked against the hash on the
 * ledger before it is parsed.
 *
 *     const wanted = { loan: LoanSchema, note: { schema: NoteSchema, optional: true } } as const;
 *     const { loan, note } = await hydrate(reader, scope, wanted);
 *
 * @throws `session.record_missing`, `session.type_mismatch` naming both classes, or the field that cannot be read,
 * `input.too_large`, `rpc.cancelled`, and what the store throws
 */
export async function hydrate<R extends RecordSchemas>(
  reader: { readonly store: ObjectClient; readonly key: KeyReference },
  snapshot: ScopeSnapshot,
  schemas: R,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Hydrated<R>> {
  const entries = Object.entries(schemas).map(async ([name, wanted]) => {
    const { schema, optional } = "kind" in wanted ? { schema: wanted, optional: false } : wanted;
    // As the ledger compares names: case makes no difference.
    const record = snapshot.records.find((each) => equalBytes(goNameHash(each.name), goNameHash(name)));
    if (record === undefined) {
      if (optional) return [name, undefined] as const;
      throw new P8eError("session.record_missing", `the scope has no record "${name}"`, {
        facts: { record: name, scope: snapshot.address },
      });
    }
    const expected = javaClassName(schema);
    const found = record.process?.name ?? "";
    if (found !== expected) {
      throw new P8eError("session.type_mismatch", `the record "${name}" has another type than asked for`, {
        facts: { record: name, expected, found },
      });
    }
    const hash = parseContentHash(record.outputs[0]?.hash ?? "");
    const bytes = await reader.store.getBytes(hash, { key: reader.key, ...options });
    const context = { what: `the record "${name}", a ${expected},`, code: "session.type_mismatch" } as const;
    await examineMessage(schema, bytes, context, { types: () => fileDescriptorSet([schema]), ...options });
    return [name, await decodeExamined(schema, bytes, options)] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Hydrated<R>;
}
