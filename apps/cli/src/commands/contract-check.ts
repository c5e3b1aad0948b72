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
  const { buildStep } = await import("../support/build-step.ts");
  const { manifest, sourceWarnings, trial } = await buildStep(screen, file, signal, { allow });
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
  for (const { where, message } of [...manifest.warnings, ...sourceWarnings, ...(trial?.warnings ?? [])])
    screen.warn(`${where} ${message}`);
  screen.result(manifest);
}
