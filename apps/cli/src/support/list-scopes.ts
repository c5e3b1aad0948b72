import { P8eError } from "@p8e/core";
import { indexPath } from "@p8e/party";
import { RecordIndex } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import { showIndexed } from "../screens/show-indexed.ts";
import { fieldCondition } from "./index-command.ts";

/** What `p8e scope list` can be told. */
export interface ScopeListOptions extends NodeOptions {
  readonly as?: string;
  readonly where: readonly string[];
}

const SCOPES_MAX = 1000;
/** Of all content that is shown together, in characters of JSON. */
const CONTENT_MAX = 64 * 1024 * 1024;

/** Lists what an index has; neither ledger nor store is asked. */
export async function listScopes(context: CommandContext, options: ScopeListOptions): Promise<void> {
  const { screen } = context;
  const conditions = options.where.map(fieldCondition);
  await using party = await context.openParty(options.as, "--as", options);
  const origin = { party: party.self.address, network: party.profile.network.chainId };
  using index = RecordIndex.read(indexPath(party.located), origin);
  if (index === undefined) {
    throw new P8eError("input.invalid", `${party.self.title} has no index of its scopes yet`, {
      hint: "p8e index makes it.",
    });
  }
  const found = index.find(conditions, SCOPES_MAX);
  // Only --json shows content, which is larger than names by far.
  let left = screen.json ? CONTENT_MAX : 0;
  const contentOf = (content: string | undefined): { readonly content?: unknown } => {
    if (content === undefined || !screen.json) return {};
    left -= content.length;
    if (left < 0) {
      throw new P8eError(
        "input.too_large",
        `what is indexed of the scopes found comes to more than ${CONTENT_MAX} characters`,
        {
          facts: { limit: CONTENT_MAX },
          hint: "Ask for fewer scopes by --where.",
        },
      );
    }
    return { content: JSON.parse(content) };
  };
  const scopes = found.map((scope) => ({
    scope,
    records: index.records(scope).map(({ name, type, contract, hash, content, problem }) => ({
      ...{ name, type, contract, hash },
      ...contentOf(content),
      ...(problem === undefined ? {} : { problem }),
    })),
  }));
  showIndexed(screen, scopes, { height: index.height, max: SCOPES_MAX });
  screen.result({ height: index.height, scopes });
}
