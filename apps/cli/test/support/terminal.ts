import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

const CTRL_C = "\u0003";

/**
 * The command on a terminal, with a person who answers each question when it is asked, a while later, or after having done
 * something else. `script` (util-linux, part of every Debian) makes the terminal; what it shows comes back, with what the
 * terminal echoes. The arguments hold no quotes.
 */
export async function onTerminal(
  folder: string,
  args: readonly string[],
  answers: readonly (readonly [question: string, answer: string | (() => Promise<string>), afterMs?: number])[],
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const command = [process.execPath, main, ...args].map((part) => `'${part}'`).join(" ");
  const {
    P8E_DATA: _data,
    FORCE_COLOR: _color,
    NODE_OPTIONS: _options,
    P8E_PASSPHRASE_FILE: _file,
    ...env
  } = process.env;
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    cwd: folder,
    env: { ...env, NO_COLOR: "1", SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  let heard = 0;
  let next = 0;
  let failed: unknown;
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    const [question, answer, afterMs = 0] = answers[next] ?? [];
    if (question === undefined || answer === undefined) return;
    const at = shown.indexOf(question, heard);
    if (at < 0) return;
    heard = at + question.length;
    next++;
    if (typeof answer !== "string") {
      void answer()
        .catch((error: unknown) => {
          failed = error;
          return CTRL_C;
        })
        .then((text) => child.stdin.write(text));
    } else if (afterMs === 0) child.stdin.write(answer);
    else setTimeout(() => child.stdin.write(answer), afterMs);
  });
  const [code] = (await once(child, "close")) as [number | null];
  child.stdin.end();
  if (failed !== undefined) throw failed;
  return { code, shown };
}
