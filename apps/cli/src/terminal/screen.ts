import { styleText } from "node:util";
import { type FactValue, isP8eError, P8eError } from "@p8e/core";
import { formatDuration } from "./format.ts";
import { asciiText, cutText, tableText, wrapCommand, wrapFacts, wrapText } from "./layout.ts";

/** What the screen writes to; process.stdout and process.stderr fit. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
}

/** Where a screen writes, and how. */
export interface ScreenOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  /** One JSON value on stdout at the end and nothing else; warnings and an error as JSON on stderr, one line each. */
  readonly json: boolean;
  /** For a collector of logs: what would go to standard error, and every value in one line. Needs `json`. */
  readonly lines?: boolean;
  readonly color: boolean;
  /** Whether what reads the output shows ASCII alone. */
  readonly ascii?: boolean;
  /** How a person calls the command from here, where that is otherwise than the texts say: {@link CALL}. */
  readonly call?: string | undefined;
  readonly nowMs: () => number;
}

/** How texts call the command: as in a clone. */
const CALL = "npx p8e";

/** Reports how far a step has come; cheap enough to call for every chunk. */
export type Progress = (state: { readonly done: number; readonly total?: number; readonly text?: string }) => void;

type Style = Parameters<typeof styleText>[0];

const REDRAW_MS = 100;

/** Everything a person sees goes through here: results on stdout, progress on stderr, JSON instead when asked. */
export class Screen {
  readonly #options: ScreenOptions;
  #lineOpen = false;
  #profile: string | undefined;
  /** Whether what failed has its cross already, where the error is seen below it. */
  #crossed = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  get json(): boolean {
    return this.#options.json;
  }

  /** A line of a server's own log. */
  line(text: string): void {
    this.#errors.write(text);
  }

  get #errors(): Output {
    return this.#options.lines === true ? this.#options.stdout : this.#options.stderr;
  }

  /** Whether a person sees what goes to standard output. */
  get isTerminal(): boolean {
    return !this.#options.json && this.#options.stdout.isTTY === true;
  }

  style(style: Style, text: string): string {
    return this.#options.color ? styleText(style, text, { validateStream: false }) : text;
  }

  heading(text: string): void {
    this.say(`\n${this.style("bold", text)}`);
  }

  say(text = ""): void {
    if (!this.#options.json) this.#print("stdout", `${this.#wrapped("stdout", text)}\n`);
  }

  /** A line for a shell, to be copied. */
  command(line: string): void {
    const width = this.#width("stdout");
    if (!this.#options.json)
      this.#print("stdout", `${width === undefined ? line : wrapCommand(this.#plain(line), width)}\n`);
  }

  /**
   * A value that a person asked for as JSON: as it stands, however long its lines are. What a terminal must not get or
   * cannot show stands in it as JSON's own escapes.
   */
  value(json: unknown): void {
    if (this.#options.json) return;
    const text = JSON.stringify(json, undefined, 2);
    const shown = this.#options.ascii === true ? text.replace(/[^\n -~]/g, codeOf) : visible(text, false);
    this.#options.stdout.write(`${shown}\n`);
  }

  /** Something that is broken, or failed: the error that it leads to has no cross of its own then. */
  fault(text: string): void {
    this.say(`${this.style("red", "✖")} ${text}`);
    const { stdout, stderr } = this.#options;
    this.#crossed ||= stdout.isTTY === true && stderr.isTTY === true;
  }

  note(text: string): void {
    this.say(this.style("dim", text));
  }

  /** For a person beside a result that goes into a file or another program: on stderr. */
  aside(text: string): void {
    this.#clear();
    if (!this.#options.json) this.#print("stderr", `${this.#wrapped("stderr", this.style("dim", text))}\n`);
  }

  warn(text: string): void {
    this.#clear();
    if (this.#options.json) this.#errors.write(`${JSON.stringify({ warning: this.#called(text) })}\n`);
    else this.#print("stderr", `${this.#wrapped("stderr", `${this.style("yellow", "!")} ${text}`)}\n`);
  }

  /** What must be known at once, before the result: for a person as said, for programs a line of JSON on stderr. */
  tell(text: string, value: object): void {
    this.#clear();
    if (this.#options.json) this.#errors.write(`${JSON.stringify(value, jsonValue)}\n`);
    else this.say(text);
  }

  /** Something that happens while a command goes on: a line for a person, and under --json a line of JSON on stdout. */
  event(value: object, text: string): void {
    if (this.#options.json) this.#options.stdout.write(`${JSON.stringify(value, jsonValue)}\n`);
    else this.say(text);
  }

  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    if (this.#options.json) return;
    const heads = head.map((cell) => this.style("bold", cell));
    const shown = rows.map((row) => row.map((cell) => this.#plain(cell)));
    this.#print("stdout", `${tableText(heads, shown, this.#width("stdout") ?? Number.POSITIVE_INFINITY)}\n`);
  }

  /** Two columns without borders: names and values. */
  facts(rows: readonly (readonly [string, string | undefined])[]): void {
    const shown = rows.filter((row): row is readonly [string, string] => row[1] !== undefined);
    const styled = shown.map(([name, value]) => [this.style("dim", this.#plain(name)), this.#plain(value)] as const);
    if (this.#options.json || styled.length === 0) return;
    const lines = wrapFacts(styled, this.#width("stdout") ?? Number.POSITIVE_INFINITY);
    this.#print("stdout", `${lines.join("\n")}\n`);
  }

  /**
   * Runs `work` and says what it did: `✔ title (1.2 s)`, or `✖ title` and the error goes on. While it runs, a terminal
   * shows its progress. `describe` turns the result into what is said instead of the title.
   */
  async step<T>(
    title: string,
    work: (progress: Progress) => Promise<T>,
    describe: (result: T) => string = () => title,
  ): Promise<T> {
    const started = this.#options.nowMs();
    let drawn = Number.NEGATIVE_INFINITY;
    const progress: Progress = (state) => {
      const now = this.#options.nowMs();
      if (now - drawn < REDRAW_MS) return;
      drawn = now;
      this.#draw(title, state);
    };
    progress({ done: 0 });
    try {
      const result = await work(progress);
      this.#clear();
      const took = this.style("dim", `(${formatDuration(this.#options.nowMs() - started)})`);
      this.say(`${this.style("green", "✔")} ${describe(result)} ${took}`);
      return result;
    } catch (error) {
      this.#clear();
      this.fault(title);
      throw error;
    }
  }

  /** The file that the command acts by: a result under --json names it. */
  actsBy(file: string): void {
    this.#profile = file;
  }

  /** The one result of a command under --json. */
  result(value: object): void {
    if (!this.#options.json) return;
    const whole = this.#profile === undefined ? value : { profile: this.#profile, ...value };
    this.#options.stdout.write(`${JSON.stringify(whole, jsonValue, this.#options.lines === true ? 0 : 2)}\n`);
  }

  /** Prints an error as a person needs it (or as JSON) and returns the exit code. */
  error(thrown: unknown): number {
    const error = P8eError.from(thrown);
    this.#clear();
    if (this.#options.json) {
      const { code, message, facts } = error;
      const hint = error.hint && this.#called(error.hint);
      this.#errors.write(`${JSON.stringify({ error: { code, message, facts, hint } }, jsonValue)}\n`);
      return error.status.exit;
    }
    const print = (text: string) => this.#print("stderr", `${this.#wrapped("stderr", text)}\n`);
    print(`${this.#crossed ? " " : this.style("red", "✖")} ${indented(error.message)}`);
    for (const [name, value] of Object.entries(error.facts)) {
      if (value !== undefined) print(`    ${this.style("dim", name)} ${indented(factText(value))}`);
    }
    if (error.hint !== undefined) print(`  ${error.hint}`);
    print(this.style("dim", `  ${error.code}: see docs/errors.md`));
    if (error.code === "internal.unexpected" && !isP8eError(thrown) && thrown instanceof Error) {
      this.#print("stderr", this.style("dim", `${thrown.stack ?? ""}\n`));
    }
    return error.status.exit;
  }

  #draw(title: string, state: Parameters<Progress>[0]): void {
    if (this.#options.json || this.#options.stderr.isTTY !== true) return;
    const share = state.total ? ` ${Math.min(100, Math.floor((state.done / state.total) * 100))} %` : "";
    const text = `… ${title}${share}${state.text ? ` ${state.text}` : ""}`;
    this.#options.stderr.write("\r\u001b[2K");
    const line = this.#plain(text.replaceAll("\n", " "));
    this.#options.stderr.write(cutText(line, (this.#width("stderr") ?? 80) - 1));
    this.#lineOpen = true;
  }

  /** Of a terminal that says how wide it is; what goes to a file or a program is not broken. */
  #width(of: "stdout" | "stderr"): number | undefined {
    const { isTTY, columns } = this.#options[of];
    return isTTY === true && columns !== undefined && columns > 0 ? columns : undefined;
  }

  #wrapped(to: "stdout" | "stderr", text: string): string {
    const width = this.#width(to);
    return width === undefined ? text : wrapText(this.#plain(text), width);
  }

  #print(to: "stdout" | "stderr", text: string): void {
    this.#options[to].write(this.#plain(text));
  }

  /** With nothing in it but what the terminal may get and can show: before it is laid out, since codes take columns. */
  #plain(text: string): string {
    const shown = visible(this.#called(text), this.#options.color);
    return this.#options.ascii === true ? asciiText(shown) : shown;
  }

  #called(text: string): string {
    return text.replaceAll(CALL, this.#options.call ?? CALL);
  }

  #clear(): void {
    if (this.#lineOpen) this.#options.stderr.write("\r\u001b[2K");
    this.#lineOpen = false;
  }
}

/**
 * Texts come from files, contracts, stores and ledgers: what would move the cursor, clear the screen or turn the direction
 * of writing is shown as a code, so that nobody can make the screen say what we did not. Colors stay where there are any.
 */
function visible(text: string, color: boolean): string {
  return text.replace(NOT_PLAIN, (found) => {
    if (color && found.endsWith("m")) return found;
    return [...found].map((part) => (part < " " || part > "~" ? codeOf(part) : part)).join("");
  });
}

const NOT_PLAIN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  /\u001b\[[0-9;]{0,20}m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A second line cannot pass for one of ours. */
function indented(text: string): string {
  return text.replaceAll("\n", "\n      ");
}

function codeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function factText(value: Exclude<FactValue, undefined>): string {
  return typeof value === "object" ? value.join(", ") : String(value);
}

/** bigint as text, bytes as base64: what JSON cannot say. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}
