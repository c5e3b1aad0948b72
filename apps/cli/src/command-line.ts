import process from "node:process";
import { P8eError } from "@p8e/core";
import { Command, CommanderError, Option } from "commander";
import { type Action, descriptor } from "./command.ts";
import type { CommandContext } from "./command-context.ts";
import { commands } from "./commands/index.ts";
import { commandPassphrase, processTerminal } from "./support/passphrase.ts";
import { Screen } from "./terminal/screen.ts";

const USAGE_ERROR = 2;
/** What a shell reports of a program whose reader has gone: 128 and the number of SIGPIPE. */
const OUTPUT_CLOSED = 141;

interface Shared {
  readonly data: string;
  readonly json: boolean;
  readonly passphraseFd?: number;
}

/** Runs one command line to its end and returns the exit code. Interrupting ends the work in order. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  let screen = makeScreen(false);
  let exitCode = 0;
  let usage = "";
  const program = new Command("p8e")
    .configureOutput({
      writeErr: (text) => {
        usage += text;
      },
    })
    .description("Share loan files encrypted, run contracts on them, and prove to everybody what was agreed.")
    .version("0.1.0")
    .exitOverride()
    .showHelpAfterError("(p8e COMMAND --help tells more)")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .addOption(new Option("--data <folder>", "where everything lies").env("P8E_DATA").default("./.p8e"))
    .option("--passphrase-fd <number>", "read passphrases from this open descriptor", descriptor)
    .option("--json", "print one JSON value and nothing else", false);

  /** Every action runs through here: one screen, one abort signal, one way for errors out. */
  const action: Action =
    <A extends unknown[]>(work: (context: CommandContext, ...given: A) => Promise<unknown>) =>
    async (...given: unknown[]): Promise<void> => {
      const { data, json, passphraseFd } = program.opts<Shared>();
      screen = makeScreen(json);
      const passphrase = commandPassphrase({
        descriptor: passphraseFd,
        file: process.env.P8E_PASSPHRASE_FILE,
        terminal: processTerminal,
      });
      const context = { screen, dataDir: data, passphrase, signal: interrupted.signal };
      const code = await work(context, ...(given.slice(0, -1) as A));
      if (typeof code === "number") exitCode = code;
    };

  for (const command of commands) command.register(program, action);

  let stops = 0;
  const interrupt = () => {
    // The first asks, the second insists.
    if (++stops > 1) process.exit(130);
    interrupted.abort();
  };
  let outputClosed = false;
  const outputFailed = (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    outputClosed = true;
    interrupted.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  process.stdout.on("error", outputFailed);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (outputClosed) return OUTPUT_CLOSED;
    if (!(error instanceof CommanderError)) return screen.error(error);
    if (error.exitCode === 0) return 0;
    if (args.includes("--json")) makeScreen(true).error(usageError(error));
    else process.stderr.write(usage);
    return USAGE_ERROR;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    // The handler of standard output stays: what was written last may fail after this.
  }
}

function usageError(error: CommanderError): P8eError {
  const message = error.code === "commander.help" ? "no command is named" : error.message.replace(/^error: /, "");
  return new P8eError("input.invalid", message, { hint: "p8e COMMAND --help tells more." });
}

function makeScreen(json: boolean): Screen {
  const color = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  return new Screen({
    stdout: process.stdout,
    stderr: process.stderr,
    json,
    color: color || process.env.FORCE_COLOR !== undefined,
    nowMs: () => performance.now(),
  });
}
