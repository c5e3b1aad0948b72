import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { BuiltContract } from "@p8e/contract";
import { P8eError } from "@p8e/core";
import type { TrialCase } from "@p8e/engine";
import { readMessage } from "./read-proposals.ts";
import { packageOf } from "./run-tests.ts";

const CASES_MAX = 200;
const BYTES_MAX = 64 * 1024 * 1024;

/**
 * The values that an author tries a contract on: in `fixtures`, beside it or in its package, `NAME.json` or `NAME.binpb`
 * is the input or record NAME. A folder in there is a case of its own, with what it does not have from above. Names that
 * the contract does not have are another contract's.
 *
 * @throws `input.invalid` for a value that is not of its type; `input.too_large`
 */
export async function fixturesOf(
  file: string,
  built: Pick<BuiltContract, "manifest" | "types">,
  signal: AbortSignal,
): Promise<readonly TrialCase[]> {
  const cases: TrialCase[] = [];
  let left = BYTES_MAX;
  const valuesOf = async ({ folder, files }: FixtureFolder): Promise<ReadonlyMap<string, Uint8Array>> => {
    const values = new Map<string, Uint8Array>();
    for (const { name, className, file: path } of files) {
      const bytes = await readMessage(built.types, className, path, signal);
      left -= bytes.length;
      if (left < 0) throw tooMuch(folder, `more than ${BYTES_MAX} bytes`);
      values.set(name, bytes);
    }
    return values;
  };
  for (const { top, inner } of await foldersOf(file, built)) {
    const shared = await valuesOf(top);
    if (shared.size > 0) cases.push({ name: "fixtures", values: shared });
    for (const each of inner) {
      const values = await valuesOf(each);
      cases.push({ name: `fixtures/${basename(each.folder)}`, values: new Map([...shared, ...values]) });
      if (cases.length > CASES_MAX) throw tooMuch(top.folder, `more than ${CASES_MAX} cases`);
    }
  }
  return cases;
}

/** The files that {@link fixturesOf} reads, as far as they are there. */
export async function fixtureFilesOf(file: string, built: Pick<BuiltContract, "manifest">): Promise<readonly string[]> {
  const folders = (await foldersOf(file, built)).flatMap(({ top, inner }) => [top, ...inner.slice(0, CASES_MAX)]);
  return folders.flatMap(({ files }) => files.map((each) => each.file));
}

/** A folder of fixtures, and the values of a contract that are in it. */
interface FixtureFolder {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly className: string; readonly file: string }[];
}

/** Each folder `fixtures` of a contract, and the folders in there that have a value of it. */
async function foldersOf(file: string, built: Pick<BuiltContract, "manifest">) {
  const at = dirname(resolve(file));
  const found: { readonly top: FixtureFolder; readonly inner: readonly FixtureFolder[] }[] = [];
  for (const root of new Set([at, (await packageOf(at)) ?? at])) {
    const fixtures = join(root, "fixtures");
    const entries = await readdir(fixtures, { withFileTypes: true }).catch(() => []);
    const inner: FixtureFolder[] = [];
    for (const name of entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()) {
      const folder = join(fixtures, name);
      const files = await valueFiles(folder, built);
      if (files.length > 0) inner.push({ folder, files });
    }
    found.push({ top: { folder: fixtures, files: await valueFiles(fixtures, built) }, inner });
  }
  return found;
}

async function valueFiles(folder: string, { manifest }: Pick<BuiltContract, "manifest">) {
  const names = await readdir(folder).catch(() => []);
  const values = [...manifest.functions.flatMap(({ inputs }) => inputs), ...manifest.records];
  return names.sort().flatMap((file) => {
    const name = /^(.+)\.(?:json|binpb)$/.exec(file)?.[1];
    const value = values.find((each) => each.name === name);
    return value === undefined ? [] : [{ name: value.name, className: value.className, file: join(folder, file) }];
  });
}

function tooMuch(folder: string, what: string): P8eError {
  return new P8eError("input.too_large", `the folder of fixtures has ${what} for this contract`, { facts: { folder } });
}
