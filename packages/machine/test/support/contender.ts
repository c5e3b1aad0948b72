// A process that takes and gives up a folder as it is told.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isP8eError } from "@p8e/core";
import { FOLDER_LOCK_FILE, type FolderLock, lockFolder } from "@p8e/machine";

const folder = process.argv[2]!;
let lock: FolderLock | undefined;

process.on("message", async (order) => {
  switch (order) {
    case "take":
      try {
        lock = await lockFolder(folder, { runs: "the contest" });
        process.send!("held");
      } catch (error) {
        process.send!(isP8eError(error) ? error.code : String(error));
      }
      return;
    case "give up":
      lock![Symbol.dispose]();
      process.send!("given up");
      return;
    case "remove and give up":
      // As who removes a whole data folder does: the lock's file last.
      rmSync(join(folder, FOLDER_LOCK_FILE));
      lock![Symbol.dispose]();
      process.send!("given up");
  }
});
process.on("disconnect", () => process.exit(0));
process.send!("ready");
