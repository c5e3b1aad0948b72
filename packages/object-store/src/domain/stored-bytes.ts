/** What was written down about an object's bytes when we stored them; absent for what the reference server stored. */
export interface Integrity {
  readonly length: number;
  readonly chunkBytes: number;
  /** SHA-256 of each chunk, joined. */
  readonly digests: Uint8Array;
}

/** Where an object's bytes are in the storage, as its row says: the reference's two columns. */
export interface BlobPlace {
  /** YYYYMMDD */
  readonly directory: string;
  /** The object's uuid. */
  readonly name: string;
}

/** What has to be known of an object to read its bytes. */
export interface StoredObjectBytes extends BlobPlace {
  readonly uuid: string;
  /** As the row claims; what the reference server stored may differ. */
  readonly dimeLength: bigint;
  /** Null when the bytes are in the storage. */
  readonly payload: Uint8Array | null;
  readonly integrity: Integrity | undefined;
}
