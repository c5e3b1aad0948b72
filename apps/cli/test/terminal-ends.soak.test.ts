// However a terminal ends what runs in it, and whenever: nothing goes on running, and the next start works.
import { type TerminalEnd, terminalEnds } from "./support/terminal-ends.ts";

const ways = ["Ctrl-C", "Ctrl-C twice", "SIGTERM", "closing the terminal"] as const;
const LAST_MS = 30_000;

// Every half second of a telling, each in another way, and twelve moments that nobody chose.
const steps = Array.from({ length: LAST_MS / 500 }, (_, at): TerminalEnd => {
  return { by: ways[at % ways.length]!, after: "", waitMs: at * 500 };
});
const drawn = Array.from({ length: 12 }, (_, at): TerminalEnd => {
  return { by: ways[at % ways.length]!, after: "", waitMs: Math.floor(Math.random() * LAST_MS) };
});
terminalEnds([...steps, ...drawn]);
