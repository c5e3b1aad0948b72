import type { Clock, RandomBytes } from "@p8e/core";
import type { StorageLocation } from "../domain/storage-location.ts";
import type { BlobReader, BlobStorage } from "./blob-storage.ts";
import type { Bucket } from "./bucket/bucket.ts";

/** What a storage is given besides where it is. */
export interface OpenStorageOptions {
  /** The store's own id: it keeps apart the unfinished uploads of stores that were given the same place. */
  readonly identity: string;
  /** Whether files are tried out before they count as open; a bucket always is. */
  readonly healthCheck?: boolean;
  /** JSON of a Google service account; otherwise credentials are found as Google's libraries do. */
  readonly googleKeyFile?: string | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/**
 * Opens what a location describes. What a bucket needs is loaded here and nowhere else: a store on files has none of it.
 * @throws `store.storage`, `store.unavailable`
 */
export async function openStorage(location: StorageLocation, options: OpenStorageOptions): Promise<BlobStorage> {
  const { identity, clock, random, healthCheck = false } = options;
  if (location.kind === "files") {
    const { FileStorage } = await import("./files/file-storage.ts");
    return FileStorage.open({ basePath: location.basePath, identity, healthCheck, clock });
  }
  const { BucketStorage } = await import("./bucket/bucket-storage.ts");
  const bucket = await openBucket(location, options.googleKeyFile);
  try {
    return await BucketStorage.open({ bucket, ...keysOf(location), identity, clock, random });
  } catch (error) {
    await bucket[Symbol.asyncDispose]();
    throw error;
  }
}

/** For looking only: nothing is created or checked. */
export async function openStorageReader(
  location: StorageLocation,
  googleKeyFile?: string,
): Promise<BlobReader & AsyncDisposable> {
  if (location.kind === "files") {
    const { fileReader } = await import("./files/file-storage.ts");
    return { ...fileReader(location.basePath), [Symbol.asyncDispose]: async () => {} };
  }
  const { bucketReader } = await import("./bucket/bucket-storage.ts");
  return bucketReader({ bucket: await openBucket(location, googleKeyFile), ...keysOf(location) });
}

async function openBucket(
  location: Exclude<StorageLocation, { readonly kind: "files" }>,
  googleKeyFile: string | undefined,
): Promise<Bucket> {
  if (location.kind === "s3") {
    const { S3Bucket } = await import("./s3/s3-bucket.ts");
    return new S3Bucket(location);
  }
  const { GcsBucket } = await import("./gcs/gcs-bucket.ts");
  return new GcsBucket(location, { keyFile: googleKeyFile });
}

function keysOf({ kind, prefix }: Exclude<StorageLocation, { readonly kind: "files" }>) {
  return { prefix, bareNames: kind === "gcs" };
}
