import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";

/**
 * How text fits into a terminal so many columns wide: pure functions from text to text. A word that is longer than a
 * line (a hash, an address) stays whole on a line of its own and runs over, since it is there to be copied.
 */

/** What goes on below a line that begins with a mark, or below a command, stands so much further in. */
const HANGING = 2;
/** `x` is what a cross becomes in ASCII. */
const MARK = /^(?:[^\p{L}\p{N}\s"“(]|x) /u;
const GAP = 2;
/** Blanks at a line's beginning, behind the codes of its colour; blanks at its end, among such codes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is how colours are told
const STYLED_INDENT = /^((?:\u001b\[[0-9;]*m)+)( +)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is how colours are told
const TRAILING = /(?:\u001b\[[0-9;]*m| )+$/;
/** Narrower than this beside its name, a value goes under it. */
const VALUE_MIN = 12;

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Columns that a text takes, colours apart: two for a character of a wide script. */
export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: plain ASCII, which most text is, takes a column each
  if (/^[\u0000-\u007f]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemes.segment(plain)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** As much of a text without colours as so many columns hold. */
export function cutText(text: string, width: number): string {
  let [cut, used] = ["", 0];
  for (const { segment } of graphemes.segment(text)) {
    used += textWidth(segment);
    if (used > width) break;
    cut += segment;
  }
  return cut;
}

/** Each line broken between words; what follows stands below its first word. */
export function wrapText(text: string, width: number): string {
  return text
    .split("\n")
    .map((styled) => {
      const line = styled.replace(STYLED_INDENT, "$2$1");
      const indent = /^ */.exec(line)![0].length;
      const words = line.slice(indent);
      return wrapWords(words, width, indent, indent + (MARK.test(stripVTControlCharacters(words)) ? HANGING : 0)).join(
        "\n",
      );
    })
    .join("\n");
}

/** A command line broken so that a POSIX shell takes it as it stands, an option and its value on one line. */
export function wrapCommand(line: string, width: number): string {
  const indent = /^ */.exec(line)![0].length;
  const room = width - 2 - indent - HANGING;
  const glued = line
    .slice(indent)
    .replace(/( --?[^ =]+) ([^- ][^ ]*)/g, (both, option: string, value: string) =>
      textWidth(both) - 1 > room ? both : `${option}\u00a0${value}`,
    );
  const lines = wrapWords(glued, width - 2, indent, indent + HANGING);
  return lines.join(" \\\n").replaceAll("\u00a0", " ");
}

/** `name  value`, the values below each other; a value that is a command line is broken so that a shell takes it. */
export function wrapFacts(rows: readonly (readonly [name: string, value: string])[], width: number): string[] {
  const names = Math.max(...rows.map(([name]) => textWidth(name)), 0);
  const indent = HANGING + names + GAP;
  const wrap = (value: string, at: number) =>
    value.startsWith("npx ")
      ? wrapCommand(" ".repeat(at) + value, width).split("\n")
      : value.split("\n").flatMap((line) => wrapWords(line, width, at, at));
  return rows.flatMap(([name, value]) => {
    const beside = width - indent;
    const whole = value.startsWith("npx ") ? 0 : longestWord(value);
    if (beside < VALUE_MIN || whole > beside) return [...wrap(name, HANGING), ...wrap(value, HANGING * 2)];
    const [first = "", ...more] = wrap(value, indent);
    return [`${" ".repeat(HANGING)}${padded(name, names + GAP)}${first.trimStart()}`, ...more];
  });
}

/**
 * A table whose cells wrap; where even their longest words do not fit beside each other, each row as a block of names and
 * values.
 */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => cellWidth(row[at] ?? ""))));
  const least = head.map((_, at) => Math.max(...all.map((row) => longestWord(row[at] ?? ""))));
  // Each cell has a blank on both sides and one between it and its neighbour.
  const room = width - head.length * 3;
  if (sum(least) > room) return blocks(head, rows, width);
  const fitting = shrunk(widths, least, room);
  const fits = sum(widths) <= room;
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], "padding-left": 1, "padding-right": 1 },
    chars: plainBorders,
    ...(fits ? {} : { colWidths: fitting.map((each) => each + 2), wordWrap: true }),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.replace(TRAILING, (blanks) => blanks.replaceAll(" ", "")))
    .join("\n");
}

function blocks(head: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  return rows
    .map((row) =>
      wrapFacts(
        row.flatMap((cell, at) => (cell === "" ? [] : [[head[at] ?? "", cell] as const])),
        width,
      ).join("\n"),
    )
    .join("\n\n");
}

/** The widest columns give way first, none below its longest word. */
function shrunk(widths: readonly number[], least: readonly number[], room: number): number[] {
  const result = [...widths];
  while (sum(result) > room) {
    const spare = result.map((each, at) => (each > least[at]! ? each : 0));
    const widest = spare.indexOf(Math.max(...spare));
    result[widest] = result[widest]! - 1;
  }
  return result;
}

/** Breaks at single runs of blanks, which are kept where no line ends. */
function wrapWords(text: string, width: number, first: number, next: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  let empty = true;
  for (const [, blanks = "", word = ""] of text.matchAll(/( *)([^ ]+)/g)) {
    const wide = textWidth(word);
    if (!empty && used + blanks.length + wide > width) {
      lines.push(line);
      // Further left where that keeps a long word in one line.
      const at = Math.min(next, Math.max(0, width - wide));
      line = " ".repeat(at) + word;
      used = at + wide;
    } else if (empty) {
      const at = Math.min(first, Math.max(0, width - wide));
      line = " ".repeat(at) + word;
      used = at + wide;
    } else {
      line += blanks + word;
      used += blanks.length + wide;
    }
    empty = false;
  }
  return [...lines, empty ? "" : line];
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

function cellWidth(cell: string): number {
  return Math.max(...cell.split("\n").map(textWidth));
}

function longestWord(cell: string): number {
  return Math.max(...cell.split(/[ \n]/).map(textWidth));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

const plainBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: " ",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ",
};

const inAscii: Readonly<Record<string, string>> = {
  "✔": "+",
  "✖": "x",
  "…": "...",
  "→": "->",
  "←": "<-",
  "–": "-",
  "—": "-",
  "“": '"',
  "”": '"',
  "’": "'",
  "·": "-",
  "×": "x",
};

/** For a terminal that shows ASCII alone: marks have stand-ins, everything else is shown as its code. */
export function asciiText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes of colours stay
  return text.replace(/[^\n\t\u001b -~]/gu, (found) => inAscii[found] ?? `\\u{${found.codePointAt(0)!.toString(16)}}`);
}

/** Whether a terminal's locale says that it shows ASCII alone; where none is said, it shows what most do. */
export function isAsciiLocale(variables: Readonly<Record<string, string | undefined>>): boolean {
  const locale = variables.LC_ALL || variables.LC_CTYPE || variables.LANG;
  return locale !== undefined && locale !== "" && !/utf-?8/i.test(locale);
}
