import { createHook } from "node:async_hooks";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isP8eError, networks, sha256, utf8Encode } from "@p8e/core";
import type { KeyContext, PassphraseRequest } from "@p8e/keys";

/** Words of nobody, published here: never use them for anything. */
export const WORDS =
  "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title";
export const PASSPHRASE = "a horse of another colour";
export const PATHS = { signing: networks.testnet.derivationPath, encryption: "m/44'/1'/0'/0/1" };
/** The least scrypt that is accepted: fast tests. */
export const CHEAP = { logN: 14, r: 8, p: 1 };

/** A folder that goes with the test. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "p8e-keys-"));

  at(name: string): string {
    return join(this.path, name);
  }

  /** A file as its owner alone can read it, unless `mode` says otherwise. */
  write(name: string, content: string | Uint8Array, mode = 0o600): string {
    writeFileSync(this.at(name), content);
    chmodSync(this.at(name), mode);
    return this.at(name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A context in a folder whose passphrase is {@link PASSPHRASE}, and what was asked for in it. */
export function contextIn(
  folder: Folder,
  change: Partial<KeyContext> & { readonly answer?: string } = {},
): KeyContext & { readonly asked: PassphraseRequest[] } {
  const { answer = PASSPHRASE, ...rest } = change;
  const asked: PassphraseRequest[] = [];
  return {
    folder: folder.path,
    variables: {},
    paths: PATHS,
    passphrase: async (request) => {
      asked.push(request);
      return utf8Encode(answer);
    },
    ...rest,
    asked,
  };
}

/** How many times scrypt runs while `work` does. */
export async function scryptRuns(work: () => Promise<unknown>): Promise<number> {
  let runs = 0;
  const hook = createHook({ init: (_id, type) => void (type === "SCRYPTREQUEST" && runs++) }).enable();
  try {
    await work();
  } finally {
    hook.disable();
  }
  return runs;
}

export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "ok";
  } catch (error) {
    return isP8eError(error) ? error.code : String(error);
  }
}

/** The same bytes for the same seed. */
export function seededRandom(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      bytes.set(sha256(utf8Encode(`${seed}/${counter++}`)).subarray(0, length - at), at);
    }
    return bytes;
  };
}
