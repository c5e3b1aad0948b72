import { createHash } from "node:crypto";
import { isP8eError, P8eError, throwIfCancelled, utf8Decode, utf8Encode } from "@p8e/core";
import type { GcsLocation } from "../../domain/storage-location.ts";
import {
  type Bucket,
  type ByteRange,
  existsAlready,
  type LargeObject,
  MARK,
  type ReadBytes,
  type ReadOptions,
} from "../bucket/bucket.ts";
import { GcsComposed, headerKey, payloadKey } from "./gcs-composed.ts";
import { type GcsAnswer, type GcsCredentials, type GcsRequest, GcsRequests } from "./gcs-requests.ts";

/** A whole number of the 256 KiB that uploads go by. */
const PART_BYTES = 8 * 1024 * 1024;

/** What the service says of an object, as far as it is read here. */
interface GcsObject {
  readonly md5Hash?: string;
  readonly generation?: string;
  readonly size?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A bucket of Google Cloud Storage. What is stored is checked by its MD5, the digest that the service keeps of an upload. */
export class GcsBucket implements Bucket {
  readonly partBytes = PART_BYTES;
  readonly #location: GcsLocation;
  readonly #requests: GcsRequests;
  readonly #objects: string;
  readonly #uploads: string;

  constructor(location: GcsLocation, credentials: GcsCredentials = {}) {
    this.#location = location;
    this.#requests = new GcsRequests(location, credentials);
    this.#objects = `/storage/v1/b/${location.bucket}/o`;
    this.#uploads = `/upload/storage/v1/b/${location.bucket}/o`;
  }

  async put(key: string, bytes: Uint8Array, mark?: string): Promise<void> {
    const md5Hash = createHash("md5").update(bytes).digest("base64");
    const about = { name: key, md5Hash, contentType: "application/octet-stream", ...marked(mark) };
    const boundary = `p8e-${createHash("sha256").update(bytes).digest("hex")}`;
    const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(about)}\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`;
    await this.#creating(key, {
      method: "POST",
      path: this.#uploads,
      query: { uploadType: "multipart", ...this.#kms(), ...once(mark) },
      headers: { "content-type": `multipart/related; boundary=${boundary}` },
      body: Buffer.concat([utf8Encode(head), bytes, utf8Encode(`\r\n--${boundary}--`)]),
    });
  }

  async beginLarge(key: string, mark: string): Promise<LargeObject> {
    const { headers } = await this.#requests.ask({
      method: "POST",
      path: this.#uploads,
      query: { uploadType: "resumable", name: payloadKey(key), ...this.#kms() },
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: payloadKey(key), contentType: "application/octet-stream" }),
    });
    const session = headers.get("location");
    if (session === null) throw new P8eError("store.storage", "the bucket began an upload and did not say where");
    return new GcsComposed({
      requests: this.#requests,
      session,
      putHeader: (bytes) => this.put(headerKey(key), bytes),
      compose: () => this.#compose(key, mark),
      removeParts: () => this.abortLarge(key),
    });
  }

  async abortLarge(key: string): Promise<void> {
    await this.remove(payloadKey(key));
    await this.remove(headerKey(key));
  }

  async read(key: string, range: ByteRange, { version, signal }: ReadOptions): Promise<ReadBytes | undefined> {
    const answer = await this.#ifThere({
      method: "GET",
      path: this.#pathOf(key),
      query: { alt: "media" },
      headers: { range: `bytes=${range.from}-${range.from + range.length - 1}` },
      signal,
    });
    if (answer === undefined) return undefined;
    const generation = answer.headers.get("x-goog-generation") ?? "";
    if (version !== undefined && version !== generation) return undefined;
    const total = /\/(\d+)$/.exec(answer.headers.get("content-range") ?? "")?.[1];
    return { bytes: answer.bytes, length: Number(total ?? answer.bytes.length), version: generation };
  }

  async markOf(key: string): Promise<string | undefined> {
    const answer = await this.#ifThere({ method: "GET", path: this.#pathOf(key) });
    return answer && objectOf(answer).metadata?.[MARK];
  }

  async copy(from: string, to: string): Promise<void> {
    let rewriteToken: string | undefined;
    do {
      const answer = await this.#requests.ask({
        method: "POST",
        path: `${this.#pathOf(from)}/rewriteTo/b/${this.#location.bucket}/o/${encodeURIComponent(to)}`,
        query: { rewriteToken, destinationKmsKeyName: this.#location.kmsKey },
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      const { done, rewriteToken: next } = jsonOf(answer) as { done?: boolean; rewriteToken?: string };
      rewriteToken = done === true ? undefined : next;
    } while (rewriteToken !== undefined && rewriteToken !== "");
  }

  async remove(key: string): Promise<void> {
    await this.#ifThere({ method: "DELETE", path: this.#pathOf(key) });
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<readonly string[], void> {
    let pageToken: string | undefined;
    do {
      throwIfCancelled(signal);
      const query = { prefix, pageToken, fields: "items(name),nextPageToken" };
      const page = jsonOf(await this.#requests.ask({ method: "GET", path: this.#objects, query })) as {
        readonly items?: readonly { readonly name: string }[];
        readonly nextPageToken?: string;
      };
      yield (page.items ?? []).map(({ name }) => name);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined && pageToken !== "");
  }

  async probe(signal: AbortSignal): Promise<void> {
    const query = { prefix: this.#location.prefix, maxResults: "1", fields: "items(name)" };
    await this.#requests.once({ method: "GET", path: this.#objects, query, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** One object of the two, by the service itself. */
  async #compose(key: string, mark: string): Promise<void> {
    await this.#creating(key, {
      method: "POST",
      path: `${this.#pathOf(key)}/compose`,
      query: { ...once(mark), kmsKeyName: this.#location.kmsKey },
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        sourceObjects: [{ name: headerKey(key) }, { name: payloadKey(key) }],
        destination: { contentType: "application/octet-stream", ...marked(mark) },
      }),
    });
  }

  async #creating(key: string, request: GcsRequest): Promise<void> {
    const { status } = await this.#requests.ask({ ...request, accept: [412] });
    if (status === 412) throw existsAlready(key);
  }

  async #ifThere(request: GcsRequest): Promise<GcsAnswer | undefined> {
    try {
      return await this.#requests.ask(request);
    } catch (error) {
      if (isP8eError(error) && error.facts.status === 404) return undefined;
      throw error;
    }
  }

  #pathOf(key: string): string {
    return `${this.#objects}/${encodeURIComponent(key)}`;
  }

  #kms() {
    return { kmsKeyName: this.#location.kmsKey };
  }
}

function marked(mark: string | undefined) {
  return mark === undefined ? {} : { metadata: { [MARK]: mark } };
}

/** Generation 0: there must be none. */
function once(mark: string | undefined) {
  return { ifGenerationMatch: mark === undefined ? undefined : "0" };
}

function jsonOf(answer: GcsAnswer): unknown {
  try {
    return JSON.parse(utf8Decode(answer.bytes));
  } catch (cause) {
    throw new P8eError("store.storage", "the bucket's answer cannot be read", { cause });
  }
}

function objectOf(answer: GcsAnswer): GcsObject {
  return jsonOf(answer) as GcsObject;
}
