import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/** What a shell script asks for: whether anything runs. */
const NOTHING_RUNS = 1;

/** `p8e status`. */
export const status: CommandDefinition = {
  register(program, action) {
    program
      .command("status")
      .description("tell what runs here; exit code 1 when nothing does (doctor asks whether it works)")
      .action(action(run));
  },
};

async function run(context: CommandContext): Promise<number> {
  const { screen } = context;
  const [{ servingOf, standingView }, { standingOf }] = await Promise.all([
    import("../support/serving-of.ts"),
    import("@p8e/environment"),
  ]);
  const standings = await Promise.all((await servingOf(context)).map(standingOf));
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
  const runs = standings.some((each) => each.process !== undefined);
  const where = runs ? await showAddresses(context) : {};
  screen.result({ runs, servers: standings.map(standingView), ...where });
  return runs ? 0 : NOTHING_RUNS;
}

/** Where what runs answers, and for whom. */
async function showAddresses(context: CommandContext): Promise<object> {
  const { screen } = context;
  const source = await context.source();
  if (source?.kind === "profile") {
    const { party, node } = (await context.profile(undefined, "--as")).profile;
    screen.facts([
      ["party", `${party.title} (${party.name})`],
      ["store", party.storeUrl],
      ["node", node.url],
    ]);
    return { party: party.name, storeUrl: party.storeUrl, nodeUrl: node.url };
  }
  const [{ readEnvironmentFile }, { showEnvironment, environmentFileView }] = await Promise.all([
    import("@p8e/environment/profiles"),
    import("../support/show-environment.ts"),
  ]);
  const file = source === undefined ? undefined : await readEnvironmentFile(source.dataDir);
  if (file === undefined) return {};
  showEnvironment(screen, file);
  return environmentFileView(file);
}
