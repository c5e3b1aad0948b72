import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { networks } from "@p8e/core";
import { openLedger, serveLedger } from "@p8e/ledger";
import { type Comparison, compareLedgers, type Difference, type ProvenancedNode } from "@p8e/testkit";
import { isAccepted } from "./accepted-differences.ts";
import { faucetKey } from "./fixtures.ts";

/** Between blocks of the embedded ledger: as fast as it can be and still have empty blocks in between. */
const BLOCK_INTERVAL_MS = 100;

/** Compares the embedded ledger, begun anew, with a node: everything generated from the seed. */
export async function compareWithNode(
  node: ProvenancedNode,
  options: { readonly seed: number; readonly lanes: number; readonly steps: number },
): Promise<Comparison> {
  const dataDir = await mkdtemp(join(tmpdir(), "p8e-differential-"));
  try {
    const clock = { now: () => Date.now() };
    await using ledger = await openLedger({
      ...networks.local,
      dataDir,
      clock,
      blockIntervalMs: BLOCK_INTERVAL_MS,
    });
    await using served = await serveLedger(ledger, { host: "127.0.0.1", port: 0 });
    const here = { ...networks.local, url: served.address, faucet: faucetKey(), seed: "differential" };
    const { url, chainId, accountPrefix, faucet } = node;
    const there = { url, chainId, accountPrefix, faucet, seed: "differential" };
    return await compareLedgers(here, there, { ...options, isAccepted });
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

/** Fails with everything that differs, in words. */
export function assertSame({ differences }: Comparison): void {
  assert.equal(differences.length, 0, `\n${differences.map(described).join("\n")}`);
}

function described({ what, place, here, node, texts }: Difference): string {
  const lines = [`${what} (${place})`, `  here ${JSON.stringify(here)}`, `  node ${JSON.stringify(node)}`];
  return [...lines, `  here ${texts.here.slice(0, 500)}`, `  node ${texts.node.slice(0, 500)}`].join("\n");
}

/** The seed that the variable names, else a new one. */
export function seedOr(otherwise: number): number {
  const given = process.env["P8E_SEED"] ?? "";
  return /^[0-9]{1,9}$/.test(given) ? Number(given) : otherwise;
}
