import { basename } from "node:path";
import process from "node:process";
import { hasCode, P8eError } from "@p8e/core";
import type { LocatedProfile, SaidElsewhere } from "@p8e/party";
import { Command, CommanderError, Help } from "commander";
import { type Action, type CommandDefinition, descriptor } from "./command.ts";
import type { CommandContext } from "./command-context.ts";
import { commandNamed } from "./commands/command-named.ts";
import { wantsLogLines } from "./support/log-lines.ts";
import { commandPassphrase, processTerminal } from "./support/passphrase.ts";
import type { ProfileOptions } from "./support/profile-context.ts";
import { isAsciiLocale } from "./terminal/layout.ts";
import { type Output, Screen } from "./terminal/screen.ts";
import { VERSION } from "./version.ts";

const USAGE_ERROR = 2;
/** What a shell reports of a program whose reader has gone: 128 and the number of SIGPIPE. */
const OUTPUT_CLOSED = 141;
const SAME_INTERRUPT_MS = 1000;

type ContextBase = Pick<CommandContext, "screen" | "signal" | "variables" | "passphrase">;

interface Shared extends ProfileOptions {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly passphraseFd?: number;
}

/** What a command prints on and whose variables it reads: those of the process, unless a caller hands it others. */
export interface Surroundings {
  readonly stdout: Output & Pick<NodeJS.WritableStream, "on">;
  readonly stderr: Output & Pick<NodeJS.WritableStream, "on">;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const ofTheProcess = (): Surroundings => ({ stdout: process.stdout, stderr: process.stderr, variables: process.env });

/** Runs one command line to its end and returns the exit code. Interrupting ends the work in order. */
export async function runCommandLine(
  args: readonly string[],
  surroundings: Surroundings = ofTheProcess(),
): Promise<number> {
  const { stdout, stderr, variables } = surroundings;
  const interrupted = new AbortController();
  let screen = makeScreen(surroundings, false);
  let exitCode = 0;
  let usage = "";
  let actsBy: { readonly located: LocatedProfile; readonly said: SaidElsewhere } | undefined;
  const program = new Command("p8e")
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => {
        usage += text;
      },
      // The generated text of `bin/usage.json` is as wide; a narrower terminal gets it broken for it.
      getOutHelpWidth: () => helpWidth(stdout),
      getErrHelpWidth: () => helpWidth(stderr),
    })
    .description("Share loan files encrypted, run contracts on them, and prove to everybody what was agreed.")
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError("(p8e COMMAND --help tells more)")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, minWidthToWrap: 8, formatItem: helpItem })
    .option("--profile <file>", "a party's profile, or its folder (env: P8E_PROFILE)")
    .option("--data <folder>", "an environment's folder (default: the nearest .p8e, env: P8E_DATA)")
    .option("--passphrase-fd <number>", "read passphrases from this open descriptor (npx hands on 0 alone)", descriptor)
    .option("--verbose", "tell exact amounts too", false)
    .option("--json", "print one JSON value and nothing else", false);

  /** Every action runs through here: one screen, one abort signal, one way for errors out. */
  const action: Action =
    <A extends unknown[]>(work: (context: CommandContext, ...given: A) => Promise<unknown>) =>
    async (...given: unknown[]): Promise<void> => {
      const { json, verbose, profile, data, passphraseFd } = program.opts<Shared>();
      screen = makeScreen(surroundings, json);
      const passphrase = await commandPassphrase({
        descriptor: passphraseFd,
        file: variables.P8E_PASSPHRASE_FILE,
        terminal: processTerminal,
      });
      const dataDir = data ?? (variables.P8E_DATA || "./.p8e");
      const base = { screen, verbose, signal: interrupted.signal, variables, passphrase, dataDir };
      const onLocated = (located: LocatedProfile, said: SaidElsewhere = {}) => {
        actsBy = { located, said };
      };
      const context: CommandContext = { ...base, ...lazyProfiles({ profile, data }, base, onLocated) };
      const code = await work(context, ...(given.slice(0, -1) as A));
      if (typeof code === "number") exitCode = code;
    };

  for (const command of await commandsFor(args)) command.register(program, action);

  let firstMs: number | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    const nowMs = performance.now();
    firstMs ??= nowMs;
    // The first asks, a later one insists. One Ctrl-C arrives several times: from the terminal, and from npm and the
    // launcher, which pass it on. A hang-up insists on nothing: it follows when npm goes before us.
    if (nowMs - firstMs > SAME_INTERRUPT_MS && signal !== "SIGHUP") process.exit(130);
    const by = signal === "SIGINT" ? "Ctrl-C" : signal;
    interrupted.abort(new P8eError("rpc.cancelled", `stopped by ${by} before it was done`));
  };
  let outputClosed = false;
  const outputFailed = (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    outputClosed = true;
    interrupted.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  for (const output of [stdout, stderr]) output.on("error", outputFailed);
  try {
    await program.parseAsync(withoutVainHelp(program, args), { from: "user" });
    return exitCode;
  } catch (error) {
    if (outputClosed) return OUTPUT_CLOSED;
    if (!(error instanceof CommanderError)) {
      // A call that was under way says that it was cancelled: what did that is said in its place.
      const ofCall = interrupted.signal.aborted && hasCode(error, "rpc.cancelled") && error.facts.method !== undefined;
      const told: unknown = ofCall ? interrupted.signal.reason : error;
      if (actsBy === undefined) return screen.error(told);
      const { toldError } = await import("./support/told-error.ts");
      return screen.error(await toldError(told, actsBy.located, actsBy.said));
    }
    if (error.exitCode === 0) return 0;
    if (args.includes("--json") || wantsLogLines(variables, stdout)) {
      makeScreen(surroundings, true).error(usageError(error));
    } else stderr.write(usage);
    return USAGE_ERROR;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    // The handlers of the outputs stay: what was written last may fail after this.
  }
}

/** The one that is meant; all for help, and where none is meant, so that what is said of them is said of all. */
async function commandsFor(args: readonly string[]): Promise<readonly CommandDefinition[]> {
  const one = args.some((each) => HELP.test(each)) ? undefined : await commandNamed(wordsOf(args));
  return one === undefined ? (await import("./commands/index.ts")).commands : [one];
}

const HELP = /^(?:-h|--help)$/;
/** Shared options that take a value in the word behind them. */
const WITH_VALUE = ["--profile", "--data", "--passphrase-fd"];

/** What is no option, nor a shared option's value. */
function wordsOf(args: readonly string[]): readonly string[] {
  return args.filter((each, at) => !each.startsWith("-") && !WITH_VALUE.includes(args[at - 1] ?? ""));
}

/** Profiles are looked for, and what reads them loaded, when a command asks for one. */
function lazyProfiles(
  options: ProfileOptions,
  base: ContextBase,
  onLocated: (located: LocatedProfile, said?: SaidElsewhere) => void,
): Pick<CommandContext, "source" | "profile" | "anyProfile" | "openParty"> {
  const context = async () => (await import("./support/profile-context.ts")).profileContext(options, base, onLocated);
  return {
    source: async () => (await context()).source(),
    anyProfile: async () => (await context()).anyProfile(),
    profile: async (name, option) => (await context()).profile(name, option),
    openParty: async (name, option, opening) => (await context()).openParty(name, option, opening),
  };
}

const HELP_WIDTH = 80;
const HELP_BESIDE = 70;

function helpWidth({ isTTY, columns }: Output): number {
  return isTTY === true && columns ? Math.min(columns, HELP_WIDTH) : HELP_WIDTH;
}

/** A term beside its description, where there is room for both. */
const helpItem: Help["formatItem"] = (term, termWidth, description, helper) => {
  const width = helper.helpWidth ?? HELP_WIDTH;
  if (width >= HELP_BESIDE) return new Help().formatItem.call(helper, term, termWidth, description, helper);
  const below = " ".repeat(6);
  const wrapped = description === "" ? "" : `\n${helper.boxWrap(description, width - below.length)}`;
  return `  ${term}${wrapped.replaceAll("\n", `\n${below}`)}`;
};

/** Help for a subcommand that there is not would be its group's: the parser is to say that there is none. */
function withoutVainHelp(program: Command, args: readonly string[]): readonly string[] {
  let command = program;
  for (const word of args) {
    if (word.startsWith("-") || command.commands.length === 0) return args;
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) return word === "help" ? args : args.filter((each) => !HELP.test(each));
    command = next;
  }
  return args;
}

function usageError(error: CommanderError): P8eError {
  const message = error.code === "commander.help" ? "no command is named" : error.message.replace(/^error: /, "");
  return new P8eError("input.invalid", message, { hint: "p8e COMMAND --help tells more." });
}

function makeScreen({ stdout, stderr, variables }: Surroundings, json: boolean): Screen {
  const color = (stdout.isTTY === true && variables.NO_COLOR === undefined) || variables.FORCE_COLOR !== undefined;
  const lines = wantsLogLines(variables, stdout);
  return new Screen({
    stdout,
    stderr,
    json: json || lines,
    lines,
    color,
    ascii: isAsciiLocale(variables),
    // Of a package: npx then runs what a project has, and fetches nothing of that name where it has none.
    call: basename(import.meta.dirname) === "dist" ? "npx --no p8e" : undefined,
    nowMs: () => performance.now(),
  });
}
