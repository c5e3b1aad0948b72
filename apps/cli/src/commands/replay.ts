import {
  metadataAddressParts,
  P8eError,
  parseMetadataAddress,
  parseUuid,
  type ScopeAddress,
  type SessionAddress,
  sessionAddress,
} from "@p8e/core";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { showFindings } from "../screens/show-findings.ts";
import { lastNamedOr } from "../support/last-named.ts";
import { verifierOf } from "../support/verifier-of.ts";
import { shorten } from "../terminal/format.ts";

/** `p8e replay`. */
export const replay: CommandDefinition = {
  register(program, action) {
    withNode(program.command("replay <scope>"))
      .description(
        "run a scope's sessions again, from one's own store, and compare outputs and fuel with what was signed",
      )
      .option("--as <party>", "who replays, from its own store; oneself by one's own profile")
      .option("--session <id>", "one session (session1… or its UUID), also one whose records were replaced since")
      .option("--height <block>", "the scope as it was at a past block, where the node still has it")
      .action(action(run));
  },
};

interface ReplayCommandOptions extends NodeOptions {
  readonly as?: string;
  readonly session?: string;
  readonly height?: string;
}

async function run(context: CommandContext, what: string, options: ReplayCommandOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  const address = parseMetadataAddress(await lastNamedOr(context, what, "scope"), "scope");
  const session = options.session === undefined ? undefined : sessionOf(options.session, address);
  const height = options.height === undefined ? {} : { height: heightOf(options.height) };
  const { replayScope, requireHolds } = await import("@p8e/sdk");
  await using party = await openParty(options.as, "--as", options);
  screen.heading(`${party.self.title} replays ${shorten(address)} from its own store ${party.self.storeUrl}`);
  // What this party remembers is asked for one session alone: that the ledger has the others was seen.
  const memory = session === undefined ? {} : { state: await party.state() };
  const report = await replayScope({ ...(await verifierOf(party)), ...memory }, address, {
    signal,
    session,
    ...height,
  });
  const { inWords } = (await import("../support/names-of.ts")).namesOf(party);
  showFindings(screen, {
    findings: report.findings.map((each) => ({ ...each, what: inWords(each.what), says: inWords(each.says) })),
  });
  screen.result(report);
  requireHolds(report);
}

/** @throws `input.invalid` … for what is neither an address nor a UUID */
function sessionOf(text: string, scope: ScopeAddress): SessionAddress {
  if (text.startsWith("session1")) return parseMetadataAddress(text, "session");
  return sessionAddress(metadataAddressParts(scope).uuid, parseUuid(text));
}

/** @throws `input.invalid` */
function heightOf(text: string): bigint {
  if (/^[1-9]\d{0,17}$/.test(text)) return BigInt(text);
  throw new P8eError("input.invalid", "the height of a block is a whole number above zero", {
    facts: { option: "--height" },
  });
}
