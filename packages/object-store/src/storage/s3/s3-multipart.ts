import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { P8eError } from "@p8e/core";
import type { LargeObject } from "../bucket/bucket.ts";

/** S3's own limit. */
const PARTS_MAX = 10_000;

/** A multipart upload by its id. */
export interface MultipartUpload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

/** An object in parts, each checked by its SHA-256 when it is stored and once more when they are put together. */
export class S3Multipart implements LargeObject {
  readonly #client: S3Client;
  readonly #upload: MultipartUpload;
  readonly #ask: <T>(request: () => Promise<T>) => Promise<T>;
  readonly #parts: CompletedPart[] = [];
  #next = 2;

  /** @param ask does a request and turns what goes wrong into errors of ours */
  constructor(client: S3Client, upload: MultipartUpload, ask: <T>(request: () => Promise<T>) => Promise<T>) {
    this.#client = client;
    this.#upload = upload;
    this.#ask = ask;
  }

  append(part: Uint8Array): Promise<void> {
    return this.#send(this.#next++, part);
  }

  async finish(first: Uint8Array, rest: Uint8Array): Promise<void> {
    await this.append(rest);
    await this.#send(1, first);
    const Parts = this.#parts.toSorted((left, right) => left.PartNumber! - right.PartNumber!);
    await this.#ask(() =>
      this.#client.send(
        new CompleteMultipartUploadCommand({ ...this.#upload, IfNoneMatch: "*", MultipartUpload: { Parts } }),
      ),
    );
  }

  async abort(): Promise<void> {
    await abortMultipart(this.#client, this.#upload, this.#ask);
  }

  async #send(number: number, bytes: Uint8Array): Promise<void> {
    if (number > PARTS_MAX) {
      throw new P8eError("object.too_large", `the object has more than ${PARTS_MAX} parts, the most that S3 takes`, {
        facts: { partsMax: PARTS_MAX },
      });
    }
    const ChecksumSHA256 = createHash("sha256").update(bytes).digest("base64");
    const { ETag } = await this.#ask(() =>
      this.#client.send(
        new UploadPartCommand({
          ...this.#upload,
          PartNumber: number,
          Body: bytes,
          ContentLength: bytes.length,
          ChecksumSHA256,
        }),
      ),
    );
    this.#parts.push({ PartNumber: number, ETag, ChecksumSHA256 });
  }
}

/** Copies what is too large for one copy request; what is under the target is replaced. */
export async function copyInParts(
  client: S3Client,
  copy: {
    /** Bucket and key, as a path. */
    readonly source: string;
    readonly length: number;
    readonly target: CreateMultipartUploadCommandInput;
    readonly partBytes: number;
  },
): Promise<void> {
  const { Bucket, Key } = copy.target;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(copy.target));
  const upload = { Bucket: Bucket!, Key: Key!, UploadId: UploadId! };
  try {
    const Parts: CompletedPart[] = [];
    for (let from = 0; from < copy.length; from += copy.partBytes) {
      const to = Math.min(copy.length, from + copy.partBytes) - 1;
      const PartNumber = Parts.length + 1;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          ...upload,
          PartNumber,
          CopySource: copy.source,
          CopySourceRange: `bytes=${from}-${to}`,
        }),
      );
      Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  } catch (error) {
    await abortMultipart(client, upload, (request) => request()).catch(() => {}); // the first error tells more
    throw error;
  }
}

/** One that is finished, or aborted already, is no error. */
async function abortMultipart(
  client: S3Client,
  upload: MultipartUpload,
  ask: <T>(request: () => Promise<T>) => Promise<T>,
): Promise<void> {
  await ask(() =>
    client.send(new AbortMultipartUploadCommand(upload)).catch((error: unknown) => {
      if (error instanceof Error && error.name === "NoSuchUpload") return;
      throw error;
    }),
  );
}
