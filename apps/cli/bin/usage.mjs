// What the command says of its use, out of a generated text: before anything is installed or loaded. No dependency.
import { readFileSync } from "node:fs";
import process from "node:process";

const WIDTH = 80;

/**
 * The answer to a call for help or the version, and, for who has nothing installed yet, to an unknown command; undefined for
 * every other line. The parser's own answers are the same (`apps/cli/test/usage.test.ts`).
 * @param {readonly string[]} args
 * @param {{ readonly installed: boolean, readonly columns?: number | undefined }} where `columns` of a terminal; a narrow one
 *   gets the parser's text, broken for it
 * @returns {{ readonly text: string, readonly code: number } | undefined} a text with a code other than 0 is for standard error
 */
export function usageAnswer(args, { installed, columns = WIDTH }) {
  if (installed && columns < WIDTH) return undefined;
  const { version, help } = JSON.parse(readFileSync(new URL("usage.json", import.meta.url), "utf8"));
  if (args.length === 1 && /^(-V|--version)$/.test(args[0])) return { text: `${version}\n`, code: 0 };
  const words = args[0] === "help" ? args.slice(1) : args;
  const asks = args[0] === "help" ? 0 : words.findIndex((word) => /^(-h|--help)$/.test(word));
  const path = args[0] === "help" || asks < 0 ? words : words.slice(0, asks);
  const asked = args[0] === "help" || (asks >= 0 && asks === words.length - 1);
  if (asked && Object.hasOwn(help, path.join(" "))) return { text: help[path.join(" ")], code: 0 };
  if (args.length === 0) return { text: help[""], code: 2 };
  if (installed) return undefined;
  const unknown = unknownWord(words, help);
  return unknown === undefined
    ? undefined
    : { text: `error: unknown command '${unknown}'\n\n(p8e COMMAND --help tells more)\n`, code: 2 };
}

/** The first word that should name a command and does not. */
function unknownWord(words, help) {
  const names = Object.keys(help);
  for (let at = 0; at < words.length; at++) {
    if (words[at].startsWith("-")) return undefined;
    const before = words.slice(0, at).join(" ");
    const isGroup = names.some((name) => name !== before && (before === "" || name.startsWith(`${before} `)));
    if (!isGroup) return undefined;
    if (!Object.hasOwn(help, words.slice(0, at + 1).join(" "))) return words[at];
  }
  return undefined;
}

/** Prints the answer, if there is one, and tells whether there was. */
export function answeredUsage(args, installed) {
  const columns = (process.stdout.isTTY && process.stdout.columns) || undefined;
  const answer = usageAnswer(args, { installed, columns });
  if (answer === undefined) return false;
  (answer.code === 0 ? process.stdout : process.stderr).write(answer.text);
  process.exitCode = answer.code;
  return true;
}
