import { formatSize } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

/** What a backup came to. */
export interface BackupView {
  readonly folder: string;
  readonly takenAt: string;
  /** All of the store. */
  readonly objects: number;
  /** Of those in the storage: copied now, with their bytes, and there before. */
  readonly copied: number;
  readonly bytes: number;
  readonly kept: number;
  readonly lacking: readonly { readonly object: string; readonly kind: string; readonly reason: string }[];
}

const SHOWN_MAX = 100;

/** `p8e backup`. */
export function showBackup(screen: Screen, view: BackupView): void {
  const { folder, takenAt, objects, copied, bytes, kept, lacking } = view;
  screen.facts([
    ["folder", folder],
    ["as of", takenAt],
    ["objects", String(objects)],
    ["copied", `${copied}, ${formatSize(bytes)}; ${kept} were there`],
  ]);
  if (lacking.length === 0) return;
  screen.heading(`The store itself lacks ${lacking.length}, and so does the backup`);
  screen.table(
    ["object", "", "why"],
    lacking.slice(0, SHOWN_MAX).map(({ object, kind, reason }) => [object, kind, reason]),
  );
  if (lacking.length > SHOWN_MAX) screen.note(`and ${lacking.length - SHOWN_MAX} more: --json has them all`);
  screen.note("What can bring them back: p8e store repair.");
}
