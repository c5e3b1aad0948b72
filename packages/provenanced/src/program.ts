import { execFile } from "node:child_process";
import { dirname } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

/** Longer than making a key or a genesis takes on a busy machine. */
const RUN_LIMIT_MS = 60_000;

/** Of `provenanced`: a test network, its home, and what it is to do. */
export function programArguments(home: string, rest: readonly string[]): string[] {
  return ["-t", "--home", home, ...rest];
}

/** The variables that the program runs with: its libraries lie beside it, and it asks for a home of its user. */
export function programEnvironment(program: string, home: string): NodeJS.ProcessEnv {
  const { LD_LIBRARY_PATH, PATH, TMPDIR } = process.env;
  const libraries = [dirname(program), ...(LD_LIBRARY_PATH ? [LD_LIBRARY_PATH] : [])].join(":");
  return { PATH, TMPDIR, HOME: home, LD_LIBRARY_PATH: libraries };
}

/**
 * Runs one of its commands to the end; what it printed.
 * @throws Error when it fails
 */
export async function runProgram(
  program: string,
  home: string,
  rest: readonly string[],
  options: { readonly input?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const running = promisify(execFile)(program, programArguments(home, rest), {
    env: programEnvironment(program, home),
    timeout: RUN_LIMIT_MS,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  running.child.stdin?.on("error", () => undefined).end(`${options.input ?? ""}\n`);
  const { stdout, stderr } = await running;
  return stdout === "" ? stderr : stdout;
}
