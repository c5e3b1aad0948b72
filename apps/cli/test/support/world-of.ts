import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { connectChain } from "@p8e/chain";
import { readEnvironmentFile } from "@p8e/environment";
import type { CommandLine } from "./p8e.ts";
import { holdings } from "./store-tables.ts";

/** What both stores hold, and how often the lender has written to the ledger, and what it has left. */
export async function worldOf(p8e: CommandLine): Promise<unknown> {
  const file = (await readEnvironmentFile(p8e.data))!;
  const { address } = file.parties.find(({ name }) => name === "lender")!;
  await using chain = await connectChain({ ...file.network, url: file.ledgerUrl });
  const account = await chain.accounts.account(address);
  const balance = await chain.accounts.balance(address);
  const stores = [await holdings(p8e.data, "lender"), await holdings(p8e.data, "bank")];
  return { sequence: account?.sequence, balance, stores };
}

/** Waits until everything of a greeting's scope is at a party, and holds. */
export async function verifiedBy(p8e: CommandLine, scope: string, party: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { code, stdout } = await p8e.call(["verify", scope, "--as", party, "--json"]);
    const report = JSON.parse(stdout.toString()) as { ok: boolean; findings: { what: string; ok: boolean }[] };
    if (report.ok) {
      assert.equal(code, 0);
      assert.equal(report.findings.length, 4);
      return;
    }
    assert.ok(tries < 50, stdout.toString());
    await delay(200);
  }
}

/** Waits until an object of the lender's is at the stores of all its readers. */
export async function arrived(p8e: CommandLine, hash: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { objects } = await p8e.json<{ objects: [{ readers: { status: string }[] }] }>([
      ...["why", hash, "--store", "lender"],
    ]);
    const [{ readers }] = objects;
    if (readers.every(({ status }) => status === "local" || status === "replicated")) return;
    assert.ok(tries < 50, "it does not arrive");
    await delay(200);
  }
}
