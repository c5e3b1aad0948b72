import type { MessageInitShape } from "@bufbuild/protobuf";
import * as objectStore from "@p8e/proto/object-store";
import { type CallOptions, connectRpc, type MetadataInit, type RpcClient } from "@p8e/rpc";
import { buildContainer, type ContainerOptions, SIGNATURE, SIGNATURE_PUBLIC_KEY, type TestParty } from "./fixtures.ts";

/** A message of an upload, by its fields. */
export type ChunkInit = MessageInitShape<typeof objectStore.ChunkBidiSchema>;

/** How a container is uploaded. */
export interface PutOptions {
  readonly hash: Uint8Array;
  readonly chunkBytes?: number;
  readonly contentLength?: bigint;
  /** Besides hash, signature and key; the same names take their place. */
  readonly properties?: readonly (readonly [string, Uint8Array])[];
  readonly metadata?: MetadataInit;
  /** Kotlin clients send the end before the properties, the reference's own code after them. */
  readonly endFirst?: boolean;
  readonly signal?: AbortSignal;
}

/** The first message of an upload. */
export function streamHeader(streamCount = 1): ChunkInit {
  return { impl: { case: "multiStreamHeader", value: { streamCount, metadata: {} } } };
}

/** A message with data. */
export function dataChunk(data: Uint8Array, header?: { name?: string; contentLength?: bigint }): ChunkInit {
  return { impl: { case: "chunk", value: { ...(header ? { header } : {}), impl: { case: "data", value: data } } } };
}

/** A message with a property. */
export function propertyChunk(name: string, value: Uint8Array): ChunkInit {
  return { impl: { case: "chunk", value: { header: { name }, impl: { case: "value", value } } } };
}

/** The message behind the last data. */
export function endChunk(): ChunkInit {
  return { impl: { case: "chunk", value: { impl: { case: "end", value: {} } } } };
}

/** The messages of an ordinary upload. */
export function putMessages(container: Uint8Array, options: PutOptions): ChunkInit[] {
  const { chunkBytes = 500, contentLength = 21n } = options;
  const messages: ChunkInit[] = [streamHeader()];
  for (let offset = 0; offset < Math.max(1, container.length); offset += chunkBytes) {
    const header = offset === 0 ? { name: "DIME", contentLength } : undefined;
    messages.push(dataChunk(container.subarray(offset, offset + chunkBytes), header));
  }
  const properties = new Map<string, Uint8Array>([
    ["HASH", options.hash],
    ["SIGNATURE", SIGNATURE],
    ["SIGNATURE_PUBLIC_KEY", SIGNATURE_PUBLIC_KEY],
    ...(options.properties ?? []),
  ]);
  if (options.endFirst) messages.push(endChunk());
  for (const [name, value] of properties) messages.push(propertyChunk(name, value));
  if (!options.endFirst) messages.push(endChunk());
  return messages;
}

/** What a Get answered, message by message, and its data joined. */
export interface Got {
  readonly messages: readonly objectStore.ChunkBidi[];
  readonly data: Uint8Array;
}

/** The calls of a store's clients, each once, with nothing added. */
export class StoreClient implements AsyncDisposable {
  readonly rpc: RpcClient;

  constructor(host: string, port: number) {
    this.rpc = connectRpc({ host, port });
  }

  send(messages: Iterable<ChunkInit> | AsyncIterable<ChunkInit>, options: CallOptions = {}) {
    return this.rpc.clientStream(objectStore.ObjectService.method.put, messages, options);
  }

  put(container: Uint8Array | ContainerOptions, options: PutOptions): Promise<objectStore.ObjectResponse> {
    const bytes = container instanceof Uint8Array ? container : buildContainer(container);
    return this.send(putMessages(bytes, options), callOptions(options));
  }

  async get(hash: Uint8Array, party: TestParty, options: CallOptions = {}): Promise<Got> {
    const request = { hash, publicKey: party.raw };
    const messages: objectStore.ChunkBidi[] = [];
    for await (const message of this.rpc.serverStream(objectStore.ObjectService.method.get, request, options)) {
      messages.push(message);
    }
    return { messages, data: new Uint8Array(Buffer.concat(messages.map(dataOf))) };
  }

  addKey(party: TestParty, given: { readonly url?: string; readonly header?: string; readonly value?: string } = {}) {
    const { url = "", header, value = "" } = given;
    return this.rpc.unary(objectStore.PublicKeyService.method.add, {
      publicKey: { key: { case: "secp256k1", value: party.raw } },
      url,
      ...(header === undefined ? {} : { impl: { case: "headerAuth" as const, value: { header, value } } }),
    });
  }

  async mail(party: TestParty, maxResults = 50, options: CallOptions = {}): Promise<objectStore.MailPayload[]> {
    const mails: objectStore.MailPayload[] = [];
    const request = { publicKey: party.raw, maxResults };
    for await (const mail of this.rpc.serverStream(objectStore.MailboxService.method.get, request, options)) {
      mails.push(mail);
    }
    return mails;
  }

  async acknowledge(uuid: string, party?: TestParty, options: CallOptions = {}): Promise<void> {
    const publicKey = party?.raw ?? new Uint8Array(0);
    await this.rpc.unary(objectStore.MailboxService.method.ack, { uuid: { value: uuid }, publicKey }, options);
  }

  async setMaintenance(maintenanceState?: boolean): Promise<boolean> {
    const request = maintenanceState === undefined ? {} : { maintenanceState };
    return (await this.rpc.unary(objectStore.AdminService.method.setConfig, request)).maintenanceState;
  }

  async maintenance(): Promise<boolean> {
    return (await this.rpc.unary(objectStore.AdminService.method.getConfig, {})).maintenanceState;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rpc[Symbol.asyncDispose]();
  }
}

function callOptions(options: PutOptions): CallOptions {
  return {
    ...(options.metadata ? { metadata: options.metadata } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  };
}

function dataOf(message: objectStore.ChunkBidi): Uint8Array {
  if (message.impl.case !== "chunk" || message.impl.value.impl.case !== "data") return new Uint8Array(0);
  return message.impl.value.impl.value;
}
