import type { RandomBytes } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import type { MemoryBudget } from "../domain/memory-budget.ts";
import type { PlacementRules } from "../domain/placement.ts";
import type { Log } from "../log.ts";
import type { PassingBytes } from "../passing-bytes.ts";
import type { Micros } from "../postgres/binary-values.ts";
import type { Database } from "../postgres/database.ts";
import type { GroupCommit } from "../postgres/group-commit.ts";
import type { KeyCache } from "../postgres/key-cache.ts";
import type { NewObject } from "../postgres/object-rows.ts";
import type { StoreBus } from "../postgres/store-bus.ts";
import type { BlobStorage } from "../storage/blob-storage.ts";

/** What every put needs of the open store. */
export interface PutParts {
  readonly database: Database;
  readonly commits: GroupCommit<NewObject, Micros | undefined>;
  readonly keys: KeyCache;
  readonly bus: StoreBus;
  readonly storage: BlobStorage;
  readonly budget: MemoryBudget;
  readonly rules: PlacementRules;
  readonly passing: PassingBytes;
  /** Today's directory. */
  readonly directory: () => Promise<string>;
  readonly replicationEnabled: boolean;
  /** Called after a commit that left something to send, with the readers it is for. */
  readonly wakeReplication: (readers: readonly KeyText[]) => void;
  /** Called after a commit that left mail, with the readers it is for. */
  readonly ringMail: (readers: readonly KeyText[]) => void;
  readonly random: RandomBytes;
  readonly log: Log;
}

/** What one call brings along. */
export interface PutCall {
  /** Undefined: anybody may put. Otherwise throws unless the request may act for the owner. */
  readonly authorizeOwner: ((owner: KeyText) => void) | undefined;
  /** Told whose object it is and which, once that is known. */
  readonly noteObject: (object: { readonly hash: string; readonly owner: KeyText | undefined }) => void;
  /** Throws when the caller has given up; asked once more right before the point of no return. */
  readonly throwIfCancelled: () => void;
}
