import type { Standing } from "@p8e/environment";
import type { Screen } from "../terminal/screen.ts";

/** `p8e status`: what runs, without where it answers. */
export function showStandings(screen: Screen, standings: readonly Standing[]): void {
  for (const { what, folder, process, leftDatabase } of standings) {
    if (process !== undefined)
      screen.say(`${screen.style("green", "✔")} ${what} runs in ${folder} as process ${process}`);
    else screen.say(`– ${what} does not run in ${folder}`);
    if (leftDatabase !== undefined) {
      screen.warn(
        `its database still runs as process ${leftDatabase}: what started it was killed. ` +
          "The next start takes it over; p8e down stops it.",
      );
    }
  }
  if (standings.length === 0) screen.say("– nothing was ever served from this profile's folder");
}
