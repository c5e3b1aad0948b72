import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
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
  const at = dirname(resolve(file));
  const cases: TrialCase[] = [];
  let left = BYTES_MAX;
  const valuesIn = async (folder: string): Promise<ReadonlyMap<string, Uint8Array>> => {
    const values = new Map<string, Uint8Array>();
    for (const { name, className, file: path } of await valueFiles(folder, built)) {
      const bytes = await readMessage(built.types, className, path, signal);
      left -= bytes.length;
      if (left < 0) throw tooMuch(folder, `more than ${BYTES_MAX} bytes`);
      values.set(name, bytes);
    }
    return values;
  };
  for (const root of new Set([at, (await packageOf(at)) ?? at])) {
    const fixtures = join(root, "fixtures");
    const shared = await valuesIn(fixtures);
    if (shared.size > 0) cases.push({ name: "fixtures", values: shared });
    const folders = (await readdir(fixtures, { withFileTypes: true }).catch(() => [])).filter((one) =>
      one.isDirectory(),
    );
    for (const { name } of folders.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const values = await valuesIn(join(fixtures, name));
      if (values.size === 0) continue;
      cases.push({ name: `fixtures/${name}`, values: new Map([...shared, ...values]) });
      if (cases.length > CASES_MAX) throw tooMuch(fixtures, `more than ${CASES_MAX} cases`);
    }
  }
  return cases;
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
