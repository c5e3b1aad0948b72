import { type CommandDefinition, collect, group } from "../command.ts";
import { withNode } from "../node-options.ts";
import type { ScopeListOptions } from "../support/list-scopes.ts";

/** `p8e scope list`. */
export const scopeList: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "scope").command("list"))
      .description("scopes that `p8e index` has, those whose records say something")
      .option("--as <party>", "by whose index; by one's own with one's own profile")
      .option("--where <field=value>", "as asset.id.value=…: record, then fields; may be repeated", collect, [])
      .action(
        action(async (context, options: ScopeListOptions) => {
          const { listScopes } = await import("../support/list-scopes.ts");
          await listScopes(context, options);
        }),
      );
  },
};
