import { type ContentHash, P8eError } from "@p8e/core";
import { type ContainerHeader, ContainerHeaderParser, type EnvelopeLimits } from "@p8e/envelope";
import type * as objectStore from "@p8e/proto/object-store";
import type { Spool } from "./spool.ts";

/**
 * Checks the messages of a Get as the JVM client does and yields the container's bytes: one stream header with one
 * stream, data with a header on the first message, one end, nothing else (object-store: src/object.rs).
 * @throws `rpc.protocol`; an end that never came means the stream was cut
 */
export async function* containerBytes(
  messages: AsyncIterable<objectStore.ChunkBidi>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let state: "start" | "first data" | "data" | "ended" = "start";
  for await (const { impl } of messages) {
    if (state === "start") {
      if (impl.case !== "multiStreamHeader" || impl.value.streamCount !== 1)
        throw broken("does not start with its header");
      state = "first data";
      continue;
    }
    if (impl.case !== "chunk" || state === "ended") throw broken("goes on after its end");
    const { impl: part, header } = impl.value;
    if (part.case === "end") state = "ended";
    else if (part.case === "data") {
      if (state === "first data" && header?.name !== "DIME") throw broken("does not say what it carries");
      state = "data";
      yield part.value;
    } else throw broken("carries an unexpected message");
  }
  if (state !== "ended") throw broken("was cut short");
}

function broken(how: string): P8eError {
  return new P8eError("rpc.protocol", `the store's answer ${how}`);
}

/**
 * Splits a container into its header, kept in memory, and its payload, which goes into the spool.
 * @throws `envelope.malformed`, `envelope.too_large`, `object.too_large` when the payload is over `sizeMax`
 */
export async function receiveContainer(
  bytes: AsyncIterable<Uint8Array>,
  spool: Spool,
  options: { readonly limits: EnvelopeLimits; readonly sizeMax: number; readonly onData?: (bytes: number) => void },
): Promise<ContainerHeader> {
  const parser = new ContainerHeaderParser(options.limits);
  let header: ContainerHeader | undefined;
  for await (const chunk of bytes) {
    let payload = chunk;
    if (header === undefined) {
      const parsed = parser.feed(chunk);
      if (parsed === undefined) continue;
      header = parsed.header;
      payload = parsed.rest;
    }
    if (spool.length + payload.length > options.sizeMax) {
      throw new P8eError("object.too_large", "the object is larger than this client accepts", {
        facts: { limit: options.sizeMax },
      });
    }
    await spool.append(payload);
    options.onData?.(payload.length);
  }
  return header ?? parser.end();
}

/** A foreign store says NOT_FOUND without our code; whichever it was, the caller learns which hash. */
export function notFoundFacts(error: unknown, hash: ContentHash): unknown {
  const thrown = P8eError.from(error);
  if (thrown.code !== "object.not_found" && thrown.facts.grpcStatus !== "NOT_FOUND") return thrown;
  return new P8eError("object.not_found", "the store has no object with this hash for this key", {
    facts: { hash },
    cause: thrown,
  });
}

/** The whole of chunks whose length is known. @throws `object.too_large` */
export async function collect(chunks: AsyncIterable<Uint8Array>, size: number, limit: number): Promise<Uint8Array> {
  if (size > limit) {
    throw new P8eError("object.too_large", "the object is too large to be held in memory", { facts: { size, limit } });
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for await (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
