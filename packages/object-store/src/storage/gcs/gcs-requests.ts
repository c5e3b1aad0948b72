import { isP8eError, P8eError, retry } from "@p8e/core";
import type { GcsLocation } from "../../domain/storage-location.ts";
import { gcsError } from "./gcs-error.ts";

const GOOGLE = "https://storage.googleapis.com";
const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
const REQUEST_MS = 120_000;

/** Where credentials come from beside what Google's libraries find by themselves. */
export interface GcsCredentials {
  /** The JSON of a service account. */
  readonly keyFile?: string | undefined;
}

/** A request, once or, where it may be asked again, several times. */
export interface GcsRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Behind the endpoint, or a whole URL that the service gave. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Answers that are no errors, beside those of 200 and above. */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** What the service answered. */
export interface GcsAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** Google Cloud Storage's JSON interface over http, with credentials that are found when the first request needs them. */
export class GcsRequests {
  readonly #location: GcsLocation;
  readonly #endpoint: string;
  readonly #credentials: GcsCredentials;
  #token: (() => Promise<string>) | undefined;

  constructor(location: GcsLocation, credentials: GcsCredentials) {
    this.#location = location;
    this.#endpoint = location.endpoint ?? GOOGLE;
    this.#credentials = credentials;
  }

  /** Asks up to five times while the reason for a failure passes. @throws `store.unavailable`, `store.storage` */
  ask(request: GcsRequest): Promise<GcsAnswer> {
    return retry(() => this.once(request), { attempts: 5, firstMs: 200, mostMs: 5000, signal: request.signal });
  }

  /** @throws as `ask` */
  async once(request: GcsRequest): Promise<GcsAnswer> {
    const timeout = AbortSignal.timeout(REQUEST_MS);
    try {
      const response = await fetch(this.#urlOf(request), {
        method: request.method,
        headers: { ...request.headers, ...(await this.#authorization()) },
        body: (request.body ?? null) as NonNullable<RequestInit["body"]> | null,
        signal: request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]),
        redirect: "manual",
      });
      const bytes = await response.bytes();
      const { status, headers } = response;
      if (status < 200 || (status >= 300 && !request.accept?.includes(status))) {
        throw gcsError(status, this.#location.bucket);
      }
      return { status, headers, bytes };
    } catch (cause) {
      if (isP8eError(cause)) throw cause;
      request.signal?.throwIfAborted();
      const facts = { bucket: this.#location.bucket };
      throw new P8eError("store.unavailable", "the bucket cannot be reached", { cause, facts });
    }
  }

  #urlOf({ path, query = {} }: GcsRequest): string {
    const url = new URL(path.startsWith("/") ? this.#endpoint + path : path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    return url.href;
  }

  /** Over plain http there is an emulator at the other end, or somebody in between: neither gets a credential. */
  async #authorization(): Promise<Record<string, string>> {
    if (this.#endpoint.startsWith("http://")) return {};
    this.#token ??= await tokens(this.#credentials, this.#location.bucket);
    return { authorization: `Bearer ${await this.#token()}` };
  }
}

/** @throws `store.storage` when there are no credentials */
async function tokens({ keyFile }: GcsCredentials, bucket: string): Promise<() => Promise<string>> {
  const { GoogleAuth } = await import("google-auth-library");
  const auth = new GoogleAuth({ scopes: [SCOPE], ...(keyFile === undefined ? {} : { keyFilename: keyFile }) });
  return async () => {
    try {
      const token = await auth.getAccessToken();
      if (typeof token === "string" && token !== "") return token;
    } catch (cause) {
      throw new P8eError("store.storage", "there are no credentials for the bucket", {
        cause,
        facts: { bucket },
        hint: "give credentials as Google's libraries find them: GOOGLE_APPLICATION_CREDENTIALS, or the machine's account",
      });
    }
    throw gcsError(401, bucket);
  };
}
