import { resolve } from "node:path";
import { P8eError } from "@p8e/core";
import { ALLOW_HELP, type CommandDefinition, collect } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";

/** `p8e dev`. */
export const dev: CommandDefinition = {
  register(program, action) {
    withNode(program.command("dev <file>"))
      .description("at each save build, check, test and publish a contract, on a network for tests of one's own")
      .option("--as <party>", "who publishes; oneself by one's own profile")
      .option("--allow <name>", ALLOW_HELP, collect, [])
      .option("--no-test", "run no tests: else those beside it and in its package's test folder, but for long ones")
      .action(action(run));
  },
};

interface DevOptions extends NodeOptions {
  readonly as?: string;
  readonly allow: readonly string[];
  readonly test: boolean;
}

async function run(context: CommandContext, file: string, options: DevOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ openSandbox }, { Saves }, { FileWatch }, { devRound }] = await Promise.all([
    import("@p8e/engine"),
    import("../support/saves.ts"),
    import("../support/watch-files.ts"),
    import("../support/dev-round.ts"),
  ]);
  await using party = await openParty(options.as, "--as", options);
  const { network } = party.profile;
  if (!network.fees.testMoney) {
    throw new P8eError("input.invalid", `p8e dev publishes at each save, which costs money on ${network.chainId}`, {
      facts: { network: network.name },
      hint: "p8e up starts a local environment; p8e contract publish publishes once.",
    });
  }
  const { publisher } = await party.client();
  await using sandbox = openSandbox();
  const saves = new Saves();
  using watch = new FileWatch(saves.note);
  const entry = resolve(file);
  watch.follow([entry]);
  saves.note();
  const parts = { screen, publisher, sandbox, entry, allow: options.allow, signal };
  let rounds = 0;
  while (true) {
    await saves.next(signal);
    if (signal.aborted) break;
    rounds += 1;
    try {
      const { published } = await devRound({
        ...parts,
        withTests: options.test,
        onFiles: (files) => watch.follow(files),
      });
      screen.tell("Waiting for the next save; Ctrl-C ends it.", { round: rounds, ...published });
    } catch (error) {
      if (signal.aborted) break;
      // The next save is tried again: what is wrong now is what is being worked on.
      screen.error(error);
      screen.say("Waiting for the next save; Ctrl-C ends it.");
    }
  }
  screen.say("\nStopping ...");
  screen.result({ rounds });
}
