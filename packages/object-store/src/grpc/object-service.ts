import { base64Encode, isP8eError } from "@p8e/core";
import * as objectStore from "@p8e/proto/object-store";
import { handle, type Route, type RpcContext, RpcStatusError, rpcMethod } from "@p8e/rpc";
import { keyText } from "../domain/audience.ts";
import type { CallFacts } from "../domain/call-facts.ts";
import { PutStreamReader } from "../domain/put-stream.ts";
import { findForReader, type StoredObject } from "../postgres/object-rows.ts";
import { IncomingObject } from "../put/incoming-object.ts";
import { putObject } from "../put/put-object.ts";
import type { PutCall } from "../put/put-parts.ts";
import { openStored } from "../storage/open-stored.ts";
import { chunkCodec, type OutgoingChunk } from "./chunk-codec.ts";
import { containerStatus } from "./container-status.ts";
import { objectResponse } from "./messages.ts";
import { factsOf, refuseInMaintenance, requireKey, type StoreContext } from "./store-context.ts";

const { put, get } = objectStore.ObjectService.method;
const NIL_UUID = "00000000-0000-0000-0000-000000000000";

/** Put and get. */
export function objectService(store: StoreContext): readonly Route[] {
  return [
    ...handle(rpcMethod(put), (chunks, call) => receive(store, chunks, call)),
    ...handle(rpcMethod(get, { response: chunkCodec }), (request, call) => send(store, request, call)),
  ];
}

async function receive(store: StoreContext, chunks: AsyncIterable<objectStore.ChunkBidi>, call: RpcContext) {
  const facts = factsOf(call);
  refuseInMaintenance(store);
  const reader = new PutStreamReader();
  using properties = store.puts.budget.open();
  await using incoming = new IncomingObject(store.puts);
  try {
    for await (const chunk of chunks) {
      const data = reader.accept(chunk);
      // As they are, as the text of their column, and once more on the way to the database.
      if (reader.propertyBytes > 0) properties.hold(reader.propertyBytes * 6);
      if (!data) continue;
      facts.receivedBytes += data.length;
      await incoming.append(data);
    }
  } catch (error) {
    throw streamStatus(error);
  }
  const upload = { properties: reader.finish(), contentLength: reader.contentLength };
  const row = await putObject(store.puts, putCall(store, call, facts), incoming, upload).catch((error: unknown) => {
    throw containerStatus(error);
  });
  facts.uuid = row.uuid;
  const { uriHost, storage } = store.configuration;
  const { location } = storage;
  return objectResponse(row, { uriHost, basePath: location.kind === "files" ? location.basePath : location.bucket });
}

function putCall(store: StoreContext, call: RpcContext, facts: CallFacts): PutCall {
  return {
    authorizeOwner: store.configuration.userAuthEnabled
      ? (owner) => requireKey(store, owner, call, "use the replicate route")
      : undefined,
    noteObject({ hash, owner }) {
      facts.hash = hash;
      if (owner !== undefined) facts.key = owner;
    },
    throwIfCancelled: () => call.signal.throwIfAborted(),
  };
}

/** A message that cannot be decoded is the caller's mistake, which the reference answers in these words. */
function streamStatus(thrown: unknown): unknown {
  if (!isP8eError(thrown) || thrown.code !== "rpc.protocol") return thrown;
  return new RpcStatusError("INVALID_ARGUMENT", `Error received instead of ChunkBidi - ${thrown.message}`, {
    code: "input.invalid",
    cause: thrown,
  });
}

async function send(store: StoreContext, request: objectStore.HashRequest, call: RpcContext) {
  const key = keyText(request.publicKey);
  const hash = base64Encode(request.hash);
  const facts = factsOf(call);
  facts.key = key;
  facts.hash = hash;
  requireKey(store, key, call, "fetch on its own instance");
  const object = await findForReader(store.database, hash, key);
  if (!object) {
    throw new RpcStatusError("NOT_FOUND", `NotFound("Unable to find object with public key ${key} and hash ${hash}")`, {
      code: "object.not_found",
    });
  }
  facts.uuid = object.uuid;
  return objectMessages(store, object, facts);
}

async function* objectMessages(
  store: StoreContext,
  object: StoredObject,
  facts: CallFacts,
): AsyncGenerator<OutgoingChunk, void> {
  const suspect = (error: unknown): never => {
    store.suspect(object.uuid, error);
    throw error;
  };
  // Opened ahead of the first message, so that what is missing is answered with a status and nothing before it; and not
  // ahead of the first request for one, for a reader who is gone by then never makes it.
  await using opened = await openStored(store.storage, object, store.log).catch(suspect);
  yield {
    message: {
      impl: { case: "multiStreamHeader", value: { streamCount: 1, metadata: { "x-created-by": NIL_UUID } } },
    },
  };
  let first = true;
  for await (const data of failing(opened.chunks(), suspect)) {
    store.passing.note(data.length);
    facts.sentBytes += data.length;
    yield first ? { data, header: { name: "DIME", contentLength: object.contentLength } } : { data };
    first = false;
  }
  yield { message: { impl: { case: "chunk", value: { impl: { case: "end", value: {} } } } } };
}

/** The same, with what goes wrong told on the way. */
async function* failing<T>(items: AsyncIterable<T>, tell: (error: unknown) => never): AsyncGenerator<T, void> {
  try {
    yield* items;
  } catch (error) {
    tell(error);
  }
}
