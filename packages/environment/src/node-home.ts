import { mkdir, rename, rm, stat } from "node:fs/promises";
import { P8eError } from "@p8e/core";

/** Where an environment keeps the home of its real node, relative to its data folder. */
export const NODE_HOME = "provenanced";
const BLOCK_TIME_MS = 250;

/**
 * Makes the home of an environment's real node where there is none: a chain of one validator, on which the development
 * parties have money and messages cost what they cost on the embedded ledger. One that is there is continued.
 * @throws `process.failed` when the program fails
 */
export async function keepNodeHome(
  program: string,
  home: string,
  chainId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isThere = await stat(home).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const [{ makeValidatorHome }, { PRICE_DENOMINATION, prices }] = await Promise.all([
    import("@p8e/provenanced"),
    import("@p8e/ledger"),
  ]);
  // Under another name until it is whole: a crash in between leaves nothing that looks like a home.
  const part = `${home}.new`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o700 });
  try {
    await makeValidatorHome(program, part, {
      chainId,
      blockTimeMs: BLOCK_TIME_MS,
      indexed: true,
      prices: [...prices].map(([type, price]) => ({
        msg_type_url: type,
        cost: [{ denom: PRICE_DENOMINATION, amount: price.toString() }],
      })),
      signal,
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new P8eError("process.failed", `${program} could not make a chain in ${part}`, {
      facts: { process: program },
      cause,
    });
  }
  await rename(part, home);
}
