import process from "node:process";
import { P8eError } from "@p8e/core";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "./command-context.ts";
import { Screen } from "./terminal/screen.ts";

const USAGE_ERROR = 2;
/** What a shell reports of a program whose reader has gone: 128 and the number of SIGPIPE. */
const OUTPUT_CLOSED = 141;

interface Shared {
  readonly data: string;
  readonly json: boolean;
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
    .option("--json", "print one JSON value and nothing else", false);

  /** Every action runs through here: one screen, one abort signal, one way for errors out. */
  const action =
    <A extends unknown[]>(work: (context: CommandContext, ...given: A) => Promise<unknown>) =>
    async (...given: unknown[]): Promise<void> => {
      const { data, json } = program.opts<Shared>();
      screen = makeScreen(json);
      const code = await work({ screen, dataDir: data, signal: interrupted.signal }, ...(given.slice(0, -1) as A));
      if (typeof code === "number") exitCode = code;
    };

  const load = {
    environment: () => import("./commands/environment-commands.ts"),
    objects: () => import("./commands/object-commands.ts"),
    inspection: () => import("./commands/inspection-commands.ts"),
    contracts: () => import("./commands/contract-commands.ts"),
    ledger: () => import("./commands/ledger-commands.ts"),
    story: () => import("./story/story.ts"),
  };

  program
    .command("story")
    .description("bring up two parties and a ledger, tell the story of a loan, stay up (npm start)")
    .option("--once", "end when the story is told", false)
    .option("--document-mb <size>", "size of the large document", positiveInteger, 100)
    .action(
      action(async (context, options: { once: boolean; documentMb: number }) =>
        (await load.story()).story(context, options),
      ),
    );
  program
    .command("up")
    .description("bring up a local environment and stay: a ledger, and a store for each party")
    .option("--party <names>", "which parties, separated by commas", list, ["lender", "bank"])
    .action(action(async (context, options: { party: string[] }) => (await load.environment()).up(context, options)));
  program
    .command("doctor")
    .description("look at this machine and the environment, and say what is wrong")
    .action(action(async (context) => (await load.environment()).doctor(context)));

  program
    .command("put <file>")
    .description("encrypt a file for some parties and store it")
    .requiredOption("--store <party>", "whose store, and who owns and signs it")
    .option("--for <parties>", "who else can read it, separated by commas", list, [])
    .action(
      action(async (context, file: string, options: { store: string; for: string[] }) =>
        (await load.objects()).put(context, file, options),
      ),
    );
  program
    .command("get <hash>")
    .description("fetch an object from one's own store, check it, decrypt it")
    .requiredOption("--as <party>", "who reads, from its own store")
    .option("--out <file>", "where to write it; standard output otherwise")
    .option("--from <party>", "whose signature it must carry")
    .action(
      action(async (context, hash: string, options: { as: string; out?: string; from?: string }) =>
        (await load.objects()).get(context, hash, options),
      ),
    );
  program
    .command("inspect <hash>")
    .description("what a store holds under a hash: sizes, owner, audience, where it lies")
    .option("--store <party>", "whose store; without it the database that the DB_ variables name")
    .action(
      action(async (context, hash: string, options: { store?: string }) =>
        (await load.inspection()).inspect(context, hash, options),
      ),
    );
  program
    .command("why <hash>")
    .description("where an object went, where it did not go, and why")
    .option("--store <party>", "whose store; without it the database that the DB_ variables name")
    .action(
      action(async (context, hash: string, options: { store?: string }) =>
        (await load.inspection()).why(context, hash, options),
      ),
    );

  const contract = program.command("contract").description("build, check, publish and execute contracts");
  contract
    .command("build <file>")
    .description("bundle a contract, the same bytes every time")
    .option("--out <folder>", "where bundle, types and manifest go", "./build")
    .action(
      action(async (context, file: string, options: { out: string }) =>
        (await load.contracts()).build(context, file, options),
      ),
    );
  contract
    .command("check <file>")
    .description("check a contract against every rule for contracts")
    .action(action(async (context, file: string) => (await load.contracts()).check(context, file)));
  contract
    .command("publish <file>")
    .description("store a contract's code and write its specification to the ledger")
    .requiredOption("--as <party>", "who publishes")
    .option("--for <parties>", "who else can read the code, separated by commas", list, [])
    .option("--plan", "only say what would be written", false)
    .action(
      action(async (context, file: string, options: { as: string; for: string[]; plan: boolean }) =>
        (await load.contracts()).publish(context, file, options),
      ),
    );
  contract
    .command("execute <contract>")
    .description("run a published contract (class name or contractspec1…) and write its result to the ledger")
    .requiredOption("--as <party>", "who runs it")
    .option("--scope <address>", "an existing scope")
    .option("--new-scope <specification>", "begin a new scope: scopespec1…, or the name the party published it under")
    .option("--input <name=file>", "a proposed value, as protobuf JSON or .binpb; may be repeated", collect, [])
    .option("--participant <role=party>", "who takes a role; may be repeated", collect, [])
    .option("--share <parties>", "who else can read, separated by commas", list, [])
    .option("--dry-run", "run it and price it, but store and write nothing", false)
    .action(
      action(async (context, name: string, options: import("./commands/contract-commands.ts").ExecuteOptions) =>
        (await load.contracts()).execute(context, name, options),
      ),
    );

  const scope = program.command("scope").description("read scopes from the ledger");
  scope
    .command("show <address>")
    .description("owners, sessions and records of a scope")
    .action(action(async (context, address: string) => (await load.ledger()).showScope(context, address)));
  program
    .command("verify <what>")
    .description("check a scope (scope1…) or an object (hash) from one's own store against the ledger")
    .requiredOption("--as <party>", "who verifies, from its own store")
    .action(
      action(async (context, what: string, options: { as: string }) =>
        (await load.ledger()).verify(context, what, options),
      ),
    );

  program
    .command("store")
    .description("run an object store by itself")
    .command("serve")
    .description("serve as the environment variables say (DB_HOST, OS_PORT, STORAGE_BASE_PATH …)")
    .action(action(async (context) => (await load.environment()).serveStoreCommand(context)));
  program
    .command("ledger")
    .description("run an embedded ledger by itself")
    .command("serve")
    .description("serve as P8E_LEDGER_DATA, P8E_LEDGER_PORT and P8E_LEDGER_CHAIN_ID say")
    .action(action(async (context) => (await load.environment()).serveLedgerCommand(context)));

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

function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 60_000) {
    throw new InvalidArgumentError("It must be a whole number from 1 to 60000.");
  }
  return value;
}
