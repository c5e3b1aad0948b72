import type { CallOptions as AnyCallOptions, Clock, ContentHash, HashForm, RandomBytes, Uuid } from "@p8e/core";
import type { FileDescription, KeyReference, OpenedReport, PublicKey } from "@p8e/crypto";
import type { MailType } from "@p8e/envelope";
import type { ClientTlsSource } from "@p8e/rpc";

// What goes into a client's calls and what comes out of them.

/** Which store, and how to deal with it. */
export interface ObjectClientOptions {
  /** `grpc://host:port` plaintext, `grpcs://host:port` TLS. */
  readonly url: string;
  /** Sent with every call: credentials of a store that wants them. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For `grpcs`: authorities, a client certificate, or a function that is asked for each new connection. */
  readonly tls?: ClientTlsSource | undefined;
  /** Where ciphertext over 1 MiB waits while it is checked. Default: the system's folder for temporary files. */
  readonly spoolFolder?: string;
  /** How long to go on trying while the store is away. Default 15 s. */
  readonly patienceMs?: number;
  /** How long the store may owe the next bytes, room for ours, or its answer. Default 2 minutes. */
  readonly stalledMs?: number;
  /** The largest payload accepted from a store, in bytes. Default 64 GiB. */
  readonly sizeMax?: number;
  readonly random?: RandomBytes | undefined;
  readonly clock?: Clock | undefined;
}

/** Timeout for the whole call: 30 s for small calls, none for content unless given. */
export interface CallOptions extends AnyCallOptions {
  /** Told the bytes moved so far, of how many if that is known. */
  readonly onProgress?: ((state: { readonly done: number; readonly total?: number }) => void) | undefined;
}

/** For whom an object is stored, and by whom it is signed. */
export interface PutOptions extends CallOptions {
  /** Answers for the object at the store, and can always read it. */
  readonly owner: PublicKey;
  readonly signer: KeyReference;
  /** Who else can read it. */
  readonly audience?: readonly PublicKey[] | undefined;
  readonly hashForm?: HashForm | undefined;
  readonly mailType?: MailType | undefined;
  /**
   * What the file is called, kept for the object's readers. The source is then read once more before, for its hash, unless
   * that is given. Where
   * the store has the object for the same audience already, it keeps what was said first.
   */
  readonly file?: (FileDescription & { readonly hash?: ContentHash | undefined }) | undefined;
}

/** What the store has acknowledged: bytes and row are durable there. */
export interface PutReceipt {
  readonly hash: ContentHash;
  readonly objectUuid: Uuid;
  readonly plaintextBytes: number;
  /** Of the stored container. */
  readonly storedBytes: number;
  readonly storedAt: Date | undefined;
  /** Name in the store's storage; `NOT_STORAGE_BACKED` when it lies in the database. */
  readonly name: string;
}

/** What became of an object that was to be readable for more keys. */
export interface ReshareReceipt {
  readonly hash: ContentHash;
  /** Those who could not open it before. */
  readonly added: readonly PublicKey[];
  /** Undefined when all could: nothing was uploaded. */
  readonly stored: PutReceipt | undefined;
}

/** Who reads, and whose signature counts. */
export interface GetOptions extends CallOptions {
  readonly key: KeyReference;
  /** Whose signature counts. Without it any valid signature is accepted, and the result says whose it was. */
  readonly expectedSigners?: readonly PublicKey[] | undefined;
}

/** How an object becomes a file. */
export interface GetToFileOptions extends GetOptions {
  /** Whether a file that is there already is replaced; it is unless this is false. */
  readonly replace?: boolean | undefined;
}

/** An object that was checked from end to end: tag, signature and hash. Dispose of it when done. */
export interface ReceivedObject extends OpenedReport, AsyncDisposable {
  readonly hash: ContentHash;
  /** Key texts (base64) as the envelope claims them; covered by no signature. */
  readonly audience: readonly string[];
  readonly owner: string;
  /** Decrypts on the way out; may be read again. */
  read(signal?: AbortSignal | undefined): AsyncIterable<Uint8Array>;
  /** The whole content. @throws `object.too_large` above `limit` (default 64 MiB) */
  bytes(limit?: number): Promise<Uint8Array>;
}
