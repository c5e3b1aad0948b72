import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showStandings } from "../screens/show-standings.ts";

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
    import("@p8e/environment/profiles"),
  ]);
  const standings = await Promise.all((await servingOf(context)).map(standingOf));
  showStandings(screen, standings);
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
    import("../screens/show-environment.ts"),
  ]);
  const file = source === undefined ? undefined : await readEnvironmentFile(source.dataDir);
  if (file === undefined) return {};
  showEnvironment(screen, file);
  return environmentFileView(file);
}
