import type { LedgerKind } from "@p8e/environment";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "./command-context.ts";

/**
 * One command of `p8e`: a file in `commands/` that gives its name, its options and its work. All are registered at every
 * start, so a command's file imports what is small and loads the rest when it runs.
 */
export interface CommandDefinition {
  register(program: Command, action: Action): void;
}

/** What a command line handler gets of commander, turned into work with a context; a number it gives is the exit code. */
export type Action = <A extends unknown[]>(
  work: (context: CommandContext, ...given: A) => Promise<unknown>,
) => (...given: unknown[]) => Promise<void>;

const groups: Readonly<Record<string, string>> = {
  contract: "build, check, publish and execute contracts",
  account: "look at one's account on the ledger, and get test money for it",
  session: "what waits for signatures: look at it, sign it, refuse it, or give it up",
  mail: "mail that was set aside",
  scope: "read scopes from the ledger, and move their value",
  record: "read records of scopes",
  tx: "send messages of any kind, and see what became of a transaction",
  key: "make, take over and look at a party's keys",
  party: "cards, and the partners that one deals with",
  store: "run an object store by itself, move its objects, see to what it sends",
  replication: "what a store sends to others",
  ledger: "run an embedded ledger by itself",
};

/** The word that several commands begin with, as `contract` in `p8e contract build`. */
export function group(program: Command, name: string): Command {
  const known = program.commands.find((command) => command.name() === name);
  return known ?? program.command(name).description(groups[name] ?? "");
}

/** An option's value as names that commas separate. */
export function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** An option that may be repeated. */
export function collect(text: string, before: string[]): string[] {
  return [...before, text];
}

/** @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 60_000) {
    throw new InvalidArgumentError("It must be a whole number from 1 to 60000.");
  }
  return value;
}

/** Which ledger a local environment runs. @throws InvalidArgumentError */
export function ledgerKind(text: string): LedgerKind {
  if (text === "embedded" || text === "provenanced") return text;
  throw new InvalidArgumentError("It must be embedded, or provenanced for a real Provenance node.");
}

/** What `--fee-max` is for. */
export const FEE_MAX_HELP = "the most that a transaction may cost this once, as $25 or 2500000000nhash";

/** What `--fee-granter` is for. */
export const FEE_GRANTER_HELP = "a party or account that pays, by a fee allowance that it gave";

/** What `--allow` of contracts is for. */
export const ALLOW_HELP = "let pass this name, which the sandbox does not have; may be repeated";

/** The number of an open file descriptor. @throws InvalidArgumentError */
export function descriptor(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError("It must be the number of an open descriptor.");
  return Number(text);
}

/** `HOST:PORT`, the host an IP address, IPv6 in brackets. @throws InvalidArgumentError */
export function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw new InvalidArgumentError("It must be ADDRESS:PORT, as 0.0.0.0:8080.");
  return { host: match[1]!, port };
}
