import { isatty } from "node:tty";
import { equalBytes, P8eError } from "@p8e/core";
import type { PassphraseRequest, PassphraseSource } from "@p8e/keys";
import { askHidden, type Terminal } from "../terminal/ask.ts";

const TRIES = 3;

/** Where a command may take a passphrase from. It is never an argument: other users of a machine can read those. */
export interface PassphraseChoices {
  /** `--passphrase-fd`. */
  readonly descriptor?: number | undefined;
  /** `P8E_PASSPHRASE_FILE`. */
  readonly file?: string | undefined;
  /** Undefined when nobody can be asked. */
  readonly terminal: () => Terminal | undefined;
}

/**
 * The first of descriptor, file and terminal that there is. A descriptor is looked at now, before it can be something else;
 * nothing is read before a passphrase is wanted.
 * @throws `key.passphrase` for a descriptor that is not open
 */
export async function commandPassphrase({ descriptor, file, terminal }: PassphraseChoices): Promise<PassphraseSource> {
  if (descriptor !== undefined) return (await import("@p8e/keys")).passphraseFromDescriptor(descriptor);
  if (file !== undefined && file !== "") return fromNamedFile(file);
  let chosen: PassphraseSource | undefined;
  return async (request) => {
    const person = terminal();
    if (person !== undefined) chosen ??= passphraseFromTerminal(person);
    if (chosen !== undefined) return chosen(request);
    throw new P8eError("key.passphrase", `${request.what} needs a passphrase, and there is no terminal to ask on`, {
      hint: "Name a file with P8E_PASSPHRASE_FILE, or give it on standard input with --passphrase-fd 0.",
    });
  };
}

/** Whoever set the variable once may have forgotten it: every error of the file names it. */
function fromNamedFile(file: string): PassphraseSource {
  const source = async (request: PassphraseRequest) => {
    const { passphraseFromFile } = await import("@p8e/keys");
    try {
      return await passphraseFromFile(file)(request);
    } catch (thrown) {
      const { code, message, facts, hint } = P8eError.from(thrown);
      if (code === "rpc.cancelled") throw thrown;
      throw new P8eError(code, `the passphrase for ${request.what} cannot be read: ${message}`, {
        facts: { ...facts, variable: "P8E_PASSPHRASE_FILE" },
        hint: `${hint ? `${hint} ` : ""}P8E_PASSPHRASE_FILE names this file; without the variable p8e asks on the terminal.`,
        cause: thrown,
      });
    }
  };
  return Object.assign(source, { from: `${file}, which P8E_PASSPHRASE_FILE names` });
}

/** The process's own terminal; undefined when standard input or standard error is something else. */
export function processTerminal(): Terminal | undefined {
  const { stdin, stderr } = process;
  return isatty(0) && stderr.isTTY === true ? { input: stdin, output: stderr } : undefined;
}

/** Asked for once to open something; twice for something new, until both are the same. */
function passphraseFromTerminal(terminal: Terminal): PassphraseSource {
  return async (request) => {
    if (request.purpose === "open") return askOnce(terminal, `Passphrase of ${request.what}: `, request);
    for (let tried = 0; tried < TRIES; tried++) {
      const first = await askOnce(terminal, `New passphrase for ${request.what}: `, request);
      const again = await askOnce(terminal, "The same again: ", request);
      const same = equalBytes(first, again);
      again.fill(0);
      if (same) return first;
      first.fill(0);
      terminal.output.write("They differ.\n");
    }
    throw new P8eError("key.passphrase", "the two passphrases differed each time; nothing was written");
  };
}

async function askOnce(terminal: Terminal, question: string, { signal }: PassphraseRequest): Promise<Uint8Array> {
  const { passphraseFromBytes } = await import("@p8e/keys");
  return passphraseFromBytes(await askHidden(terminal, question, signal));
}
