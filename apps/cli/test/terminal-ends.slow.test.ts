// However a terminal ends what runs in it, and whenever: nothing goes on running, and the next start works.
import { terminalEnds } from "./support/terminal-ends.ts";

terminalEnds([
  { by: "Ctrl-C twice", after: "starting a ledger", waitMs: 700 },
  { by: "closing the terminal", after: "starting a ledger", waitMs: 1500 },
  { by: "Ctrl-C", after: "1  The lender publishes", waitMs: 300 },
  { by: "SIGTERM", after: "4  The lender runs", waitMs: 100 },
]);
