import type { FileHandle } from "node:fs/promises";
import { parseEnv } from "node:util";
import { P8eError, utf8Decode } from "@p8e/core";
import { openRegularFile, readOpenedFile, readRegularFile } from "./regular-file.ts";

/** Environment variables, of the process or as somebody else says. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What variables are made of. */
export interface VariableSources {
  /** The process's own: they go before the file's. */
  readonly env: Variables;
  /** A file of `NAME=VALUE` lines, as Node's `--env-file` and systemd's EnvironmentFile have them. */
  readonly file?: string | undefined;
  /** Variables that hold secrets: each may be said by `NAME_FILE`, whose file's content is the value. */
  readonly secrets: readonly string[];
}

const FILE_BYTES_MAX = 64 * 1024;

/**
 * The variables of a server, secrets out of their files included; a `NAME_FILE` that was read is no longer among them. An
 * empty variable counts as none, as container engines hand those in that nobody set. The file of variables must be its
 * owner's alone; those of single secrets need not be, since container engines hand them in as they do.
 * @throws `configuration.invalid` when a file is open to others or a secret is said twice, `input.invalid` when a file is not
 *   there, cannot be read or is not UTF-8, `input.too_large`
 */
export async function readVariables({ env, file, secrets }: VariableSources): Promise<Variables> {
  const [below, above] = await Promise.all([
    file === undefined ? {} : ofFile(file).then((variables) => withSecrets(variables, secrets)),
    withSecrets(env, secrets),
  ]);
  return { ...below, ...above };
}

async function withSecrets(variables: Variables, secrets: readonly string[]): Promise<Variables> {
  const whole = { ...variables };
  for (const name of secrets) {
    const path = variables[`${name}_FILE`];
    if (!path) continue;
    if (variables[name]) {
      throw new P8eError("configuration.invalid", `${name} and ${name}_FILE are both set`, {
        facts: { variables: [name, `${name}_FILE`] },
        hint: "Set one of them.",
      });
    }
    whole[name] = textOf(path, await readRegularFile(path, FILE_BYTES_MAX)).replace(/\r?\n$/, "");
    delete whole[`${name}_FILE`];
  }
  return whole;
}

async function ofFile(path: string): Promise<Variables> {
  await using file = await openRegularFile(path);
  await requirePrivate(file, path);
  return parseEnv(textOf(path, await readOpenedFile(file, path, FILE_BYTES_MAX)));
}

function textOf(path: string, bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes);
  } catch {
    // Without the cause: what it says of the bytes may be a secret's.
    throw new P8eError("input.invalid", `${path} is not UTF-8`, { facts: { file: path } });
  }
}

/** On Windows a mode says nothing about who may read. */
async function requirePrivate(file: FileHandle, path: string): Promise<void> {
  const { mode } = await file.stat();
  if (process.platform === "win32" || (mode & 0o077) === 0) return;
  throw new P8eError("configuration.invalid", `${path} can be read or written by others than its owner`, {
    facts: { file: path, mode: (mode & 0o777).toString(8) },
    hint: `It may hold secrets: chmod 600 ${path}`,
  });
}
