import { writeFile } from "node:fs/promises";
import { P8eError } from "@p8e/core";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/** `p8e party card`. */
export const partyCard: CommandDefinition = {
  register(program, action) {
    group(program, "party")
      .command("card")
      .description("one's own card, for partners to add: who one is, both public keys, where one's store is")
      .option("--as <party>", "whose card; one's own by one's own profile")
      .option("--out <file>", "write it to a new file; standard output otherwise")
      .action(action(run));
  },
};

async function run(
  { screen, openParty }: CommandContext,
  options: { readonly as?: string; readonly out?: string },
): Promise<void> {
  const { isLoopback, partyFingerprint, signPartyCard } = await import("@p8e/party");
  await using party = await openParty(options.as, "--as");
  const { network } = party.profile;
  const text = await signPartyCard(party.self, network, await party.keys(), new Date());
  const fingerprint = partyFingerprint(party.self, network);
  if (isLoopback(party.self.storeUrl)) {
    screen.warn(
      `The card says that the store is at ${party.self.storeUrl}: only programs on this machine reach it there.`,
    );
  }
  if (options.out === undefined) screen.say(text.trimEnd());
  else {
    await writeFile(options.out, text, { flag: "wx" }).catch((cause: unknown) => {
      throw new P8eError("input.invalid", `${options.out} cannot be written, or is there already`, {
        facts: { file: options.out },
        cause,
      });
    });
    screen.say(`${screen.style("green", "✔")} ${options.out}`);
  }
  screen.aside(`fingerprint ${fingerprint}: tell it to your partners over another channel`);
  screen.result({ card: JSON.parse(text), fingerprint, ...(options.out === undefined ? {} : { out: options.out }) });
}
