import { base64Decode } from "@p8e/core";
import { ContainerHeaderParser, decodeSignatures } from "@p8e/envelope";
import { decodeProperties } from "../domain/properties-text.ts";
import {
  HASH_PROPERTY,
  type ObjectProperties,
  SIGNATURE_PROPERTY,
  SIGNATURE_PUBLIC_KEY_PROPERTY,
  SOURCE_PROPERTY,
  SOURCE_REPLICATION,
} from "../domain/put-stream.ts";
import type { StoredObject } from "../postgres/object-rows.ts";
import type { OutgoingObject } from "../replication/peer-link.ts";
import type { OutgoingChunk } from "./chunk-codec.ts";

const NIL_UUID = "00000000-0000-0000-0000-000000000000";

/**
 * An object as its peer gets it: the stored container, then the properties in stored order, the mark of a replica last
 * among them, then the end. `onProgress` is called with the data of every message that is asked for.
 */
export async function* outgoingMessages(
  { object, propertiesText, stored }: OutgoingObject,
  onProgress: (bytes: number) => void,
): AsyncGenerator<OutgoingChunk, void> {
  onProgress(0);
  const metadata = { "x-created-by": NIL_UUID, [SOURCE_PROPERTY]: SOURCE_REPLICATION };
  yield { message: { impl: { case: "multiStreamHeader", value: { streamCount: 1, metadata } } } };
  const parser = propertiesText === null ? new ContainerHeaderParser() : undefined;
  let rebuilt: ObjectProperties | undefined;
  let first = true;
  for await (const data of stored.chunks()) {
    onProgress(data.length);
    if (parser && !rebuilt) rebuilt = rebuildProperties(object, parser, data);
    yield first ? { data, header: { name: "DIME", contentLength: object.contentLength } } : { data };
    first = false;
  }
  const properties = propertiesText === null ? (rebuilt ?? new Map()) : decodeProperties(propertiesText);
  for (const [name, value] of properties) yield propertyMessage(name, value);
  yield propertyMessage(SOURCE_PROPERTY, Buffer.from(SOURCE_REPLICATION));
  onProgress(0);
  yield { message: { impl: { case: "chunk", value: { impl: { case: "end", value: {} } } } } };
}

function propertyMessage(name: string, value: Uint8Array): OutgoingChunk {
  const chunk = { header: { name, contentLength: 0n }, impl: { case: "value" as const, value } };
  return { message: { impl: { case: "chunk", value: chunk } } };
}

/** Rows from before properties were kept: hash and signature are still to be had from row and container. */
function rebuildProperties(
  object: StoredObject,
  parser: ContainerHeaderParser,
  chunk: Uint8Array,
): ObjectProperties | undefined {
  const parsed = parser.feed(chunk);
  if (!parsed) return undefined;
  const [signature] = decodeSignatures(parsed.header.sections.signatures);
  return new Map([
    [HASH_PROPERTY, base64Decode(object.hash)],
    [SIGNATURE_PROPERTY, signature?.signature ?? new Uint8Array(0)],
    [SIGNATURE_PUBLIC_KEY_PROPERTY, signature?.publicKey ?? new Uint8Array(0)],
  ]);
}
