import { join } from "node:path";
import { reasonOf } from "../../log.ts";
import type { SweepOptions } from "../blob-storage.ts";
import { placeOfDraft } from "../draft-name.ts";
import type { BlobFolder } from "./blob-folder.ts";
import { isMissing } from "./file-system.ts";

/**
 * Removes what crashes left of uploads. Every draft older than the grace period, and not under way in this process,
 * tells its object's uuid: with a row, only the draft's name is removed; without one, the published file goes too,
 * if it is the same file.
 * Returns how many uploads were cleaned up.
 */
export async function sweepOrphans(
  folder: BlobFolder,
  options: SweepOptions & {
    /** Milliseconds since 1970. */
    readonly now: number;
  },
): Promise<number> {
  let swept = 0;
  for (const name of await folder.fileSystem.list(folder.incoming)) {
    options.signal?.throwIfAborted();
    const place = placeOfDraft(name);
    if (!place || folder.isActive(name)) continue;
    const draft = join(folder.incoming, name);
    try {
      const facts = await folder.fileSystem.facts(draft);
      if (options.now - facts.modifiedMs < options.graceMs) continue;
      if (!(await options.objectExists(place.name))) {
        const published = await folder.fileSystem.facts(folder.finalPath(place)).catch(() => undefined);
        if (published && published.inode === facts.inode) await folder.fileSystem.unlink(folder.finalPath(place));
      }
      await folder.fileSystem.unlink(draft);
      swept++;
    } catch (error) {
      if (!isMissing(error)) options.log("warn", "could not clean up an upload", { reason: reasonOf(error) });
    }
  }
  if (swept > 0) options.log("info", "cleaned up unfinished uploads", { count: swept });
  return swept;
}
