import { parseMetadataAddress } from "@p8e/core";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { showScope } from "../screens/show-scope.ts";
import { lastNamedOr } from "../support/last-named.ts";

/** `p8e scope show`. */
export const scopeShow: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "scope").command("show <address>"))
      .description("owners, sessions and records of a scope")
      .action(action(run));
  },
};

async function run(context: CommandContext, addressText: string, options: NodeOptions): Promise<void> {
  const { screen, signal } = context;
  const address = parseMetadataAddress(await lastNamedOr(context, addressText, "scope"), "scope");
  const [{ connectNode, partyOfAddress }, { scopeView }, { readScope }] = await Promise.all([
    import("@p8e/party"),
    import("@p8e/party/views/scope"),
    import("@p8e/sdk/scopes"),
  ]);
  const { place, own } = await placeOf(context, options);
  await using chain = await connectNode(place, { signal });
  const scope = await readScope(chain, address, { signal });
  const named = (account: string) => (own && partyOfAddress(own.profile, account)?.title) ?? account;
  const view = scopeView(scope);
  showScope(screen, view, named);
  const accounts = [...scope.owners, ...scope.dataAccess, scope.valueOwner];
  const names = accounts.flatMap((account) => {
    const party = own && partyOfAddress(own.profile, account);
    return party === undefined ? [] : [[account, party.name] as const];
  });
  screen.result({ ...view, parties: Object.fromEntries(names) });
}

/** A scope can be read from a node without being anybody. */
async function placeOf(context: CommandContext, options: NodeOptions) {
  if (options.node === undefined && options.network === undefined) {
    const own = await context.anyProfile();
    return { place: own, own };
  }
  const { nodeToAsk } = await import("../support/node-to-ask.ts");
  const place = await nodeToAsk(context, options);
  return { place, own: place.own };
}
