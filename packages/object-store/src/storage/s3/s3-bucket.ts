import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type ServerSideEncryption,
} from "@aws-sdk/client-s3";
import { throwIfCancelled } from "@p8e/core";
import type { S3Location } from "../../domain/storage-location.ts";
import {
  type Bucket,
  type ByteRange,
  existsAlready,
  type LargeObject,
  MARK,
  type ReadBytes,
  type ReadOptions,
} from "../bucket/bucket.ts";
import { answerOf, s3Error } from "./s3-error.ts";
import { copyInParts, S3Multipart } from "./s3-multipart.ts";

/** So that 10,000 parts, the most there can be, hold more than the 64 GiB that AES-GCM can. */
const PART_BYTES = 8 * 1024 * 1024;

/** The most that one copy request takes. */
const COPY_BYTES_MAX = 5 * 1024 ** 3;

/** What is not said by where the bucket is. */
export interface S3BucketOptions {
  /** Objects longer than this are copied in parts of this length: 5 GiB unless given. */
  readonly copyBytesMax?: number;
  /** Otherwise found as the SDK does: variables, shared files, the machine's role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A bucket of S3, or of another service that speaks it. Every request carries the SHA-256 of what it stores. */
export class S3Bucket implements Bucket {
  readonly partBytes = PART_BYTES;
  readonly #client: S3Client;
  readonly #location: S3Location;
  readonly #copyBytesMax: number;

  constructor(location: S3Location, { copyBytesMax = COPY_BYTES_MAX, credentials }: S3BucketOptions = {}) {
    this.#location = location;
    this.#copyBytesMax = copyBytesMax;
    const { endpoint, region } = location;
    this.#client = new S3Client({
      // A service of one's own has no regions, and the SDK wants to know one.
      ...(region === undefined && endpoint === undefined ? {} : { region: region ?? "us-east-1" }),
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: location.pathStyle }),
      ...(credentials === undefined ? {} : { credentials }),
      maxAttempts: 5,
      // The checksums are ours, said with each request: what the SDK adds by itself not every service understands.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: {
        connectionTimeout: 10_000,
        socketTimeout: 60_000,
        httpAgent: { maxSockets: 256, keepAlive: true },
        httpsAgent: { maxSockets: 256, keepAlive: true },
      },
    });
  }

  async put(key: string, bytes: Uint8Array, mark?: string): Promise<void> {
    const once = mark === undefined ? {} : { IfNoneMatch: "*", Metadata: { [MARK]: mark } };
    await this.#ask(key, () =>
      this.#client.send(
        new PutObjectCommand({
          ...this.#at(key),
          ...this.#encryption(),
          ...once,
          Body: bytes,
          ContentLength: bytes.length,
          ChecksumSHA256: createHash("sha256").update(bytes).digest("base64"),
        }),
      ),
    );
  }

  async beginLarge(key: string, mark: string): Promise<LargeObject> {
    const { UploadId } = await this.#ask(key, () =>
      this.#client.send(
        new CreateMultipartUploadCommand({
          ...this.#at(key),
          ...this.#encryption(),
          ChecksumAlgorithm: "SHA256",
          Metadata: { [MARK]: mark },
        }),
      ),
    );
    const upload = { ...this.#at(key), UploadId: UploadId! };
    return new S3Multipart(this.#client, upload, (request) => this.#ask(key, request));
  }

  async abortLarge(key: string): Promise<void> {
    const { Uploads = [] } = await this.#ask(key, () =>
      this.#client.send(new ListMultipartUploadsCommand({ Bucket: this.#location.bucket, Prefix: key })),
    );
    for (const upload of Uploads.filter(({ Key }) => Key === key)) {
      await this.#ask(key, () =>
        this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: upload.UploadId })),
      );
    }
  }

  read(key: string, range: ByteRange, { version, signal }: ReadOptions): Promise<ReadBytes | undefined> {
    const asked = new GetObjectCommand({
      ...this.#at(key),
      Range: `bytes=${range.from}-${range.from + range.length - 1}`,
      ...(version === undefined ? {} : { IfMatch: version }),
    });
    return this.#ifThere(async () => {
      const answer = await this.#client.send(asked, { abortSignal: signal });
      const bytes = await answer.Body!.transformToByteArray();
      return {
        bytes,
        length: Number(/\/(\d+)$/.exec(answer.ContentRange ?? "")?.[1] ?? bytes.length),
        version: answer.ETag ?? "",
      };
    });
  }

  async markOf(key: string): Promise<string | undefined> {
    return this.#ifThere(async () => {
      const { Metadata } = await this.#client.send(new HeadObjectCommand(this.#at(key)));
      return Metadata?.[MARK];
    });
  }

  async copy(from: string, to: string): Promise<void> {
    const source = `${this.#location.bucket}/${from.split("/").map(encodeURIComponent).join("/")}`;
    await this.#ask(to, async () => {
      const { ContentLength = 0 } = await this.#client.send(new HeadObjectCommand(this.#at(from)));
      const target = { ...this.#at(to), ...this.#encryption() };
      if (ContentLength <= this.#copyBytesMax) {
        await this.#client.send(new CopyObjectCommand({ ...target, CopySource: source }));
      } else {
        await copyInParts(this.#client, { source, length: ContentLength, target, partBytes: this.#copyBytesMax });
      }
    });
  }

  async remove(key: string): Promise<void> {
    await this.#ifThere(() => this.#client.send(new DeleteObjectCommand(this.#at(key))));
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<readonly string[], void> {
    let next: string | undefined;
    do {
      throwIfCancelled(signal);
      const page = await this.#ask(prefix, () =>
        this.#client.send(
          new ListObjectsV2Command({ Bucket: this.#location.bucket, Prefix: prefix, ContinuationToken: next }),
        ),
      );
      yield (page.Contents ?? []).flatMap(({ Key }) => Key ?? []);
      next = page.NextContinuationToken;
    } while (next !== undefined && next !== "");
  }

  async probe(signal: AbortSignal): Promise<void> {
    await this.#client.send(new HeadBucketCommand({ Bucket: this.#location.bucket }), { abortSignal: signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
  }

  #at(key: string) {
    return { Bucket: this.#location.bucket, Key: key };
  }

  #encryption() {
    const { encryption, kmsKey } = this.#location;
    return {
      ...(encryption === undefined ? {} : { ServerSideEncryption: encryption satisfies ServerSideEncryption }),
      ...(kmsKey === undefined ? {} : { SSEKMSKeyId: kmsKey }),
    };
  }

  async #ask<T>(key: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (answerOf(error)?.status === 412) throw existsAlready(key);
      throw s3Error(error, this.#location.bucket);
    }
  }

  /** Undefined for a key that is not there, and for one whose object is another than was asked for. */
  async #ifThere<T>(request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      const { status, name } = answerOf(error) ?? {};
      if (status === 412 || (status === 404 && name !== "NoSuchBucket")) return undefined;
      throw s3Error(error, this.#location.bucket);
    }
  }
}
