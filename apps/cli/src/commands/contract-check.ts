import { ALLOW_HELP, type CommandDefinition, collect, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showManifest } from "../screens/show-manifest.ts";

/** `p8e contract check`. */
export const contractCheck: CommandDefinition = {
  register(program, action) {
    group(program, "contract")
      .command("check <file>")
      .description(
        "check a contract against every rule for contracts, and run its functions on fixtures and made-up values",
      )
      .option("--allow <name>", ALLOW_HELP, collect, [])
      .action(action(run));
  },
};

async function run(
  { screen, signal }: CommandContext,
  file: string,
  { allow }: { readonly allow: readonly string[] },
): Promise<void> {
  const { buildStep } = await import("../support/build-step.ts");
  const built = await buildStep(screen, file, signal, { allow });
  const { manifest } = built;
  showManifest(screen, built);
  screen.result(manifest);
}
