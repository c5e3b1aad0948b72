import { ALLOW_HELP, type CommandDefinition, collect, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

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
  const [{ buildStep }, { showWarnings }] = await Promise.all([
    import("../support/build-step.ts"),
    import("../support/show-warnings.ts"),
  ]);
  const built = await buildStep(screen, file, signal, { allow });
  const { manifest } = built;
  screen.facts([
    ["class", manifest.className],
    ["on scopes", manifest.scopes.join(", ")],
    ["parties", manifest.participants.join(", ")],
    ["reads", manifest.records.map((record) => `${record.name}${record.optional ? "?" : ""}`).join(", ") || "nothing"],
  ]);
  screen.table(
    ["function", "invoked by", "takes", "writes"],
    manifest.functions.map((each) => [
      each.name,
      each.invokedBy,
      each.inputs.map((input) => input.name).join(", "),
      each.writes.name,
    ]),
  );
  showWarnings(screen, built);
  screen.result(manifest);
}
