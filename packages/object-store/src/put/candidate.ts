import type { NewObject } from "../postgres/object-rows.ts";
import type { BlobUpload } from "../storage/blob-storage.ts";

/** An object whose bytes are complete: in memory, or durable in the storage where nobody sees them yet. */
export interface Candidate {
  readonly row: NewObject;
  readonly upload: BlobUpload | undefined;
}
