import { P8eError, parseContentHash, parseMetadataAddress } from "@p8e/core";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { nameOfKey } from "../support/names.ts";
import { showFindings } from "../support/show-findings.ts";
import { formatSize, shorten } from "../terminal/format.ts";

export const verify: CommandDefinition = {
  register(program, action) {
    program
      .command("verify <what>")
      .description("check a scope (scope1…) or an object (hash) from one's own store against the ledger")
      .requiredOption("--as <party>", "who verifies, from its own store")
      .action(action(run));
  },
};

async function run(context: CommandContext, what: string, options: { readonly as: string }): Promise<number> {
  return what.startsWith("scope1") ? verifyScopeAt(context, what, options) : verifyObject(context, what, options);
}

async function verifyScopeAt(
  { screen, dataDir, signal }: CommandContext,
  what: string,
  options: { readonly as: string },
): Promise<number> {
  const address = parseMetadataAddress(what, "scope");
  const [{ openParty }, { verifyScope }] = await Promise.all([import("@p8e/environment"), import("@p8e/sdk")]);
  await using party = await openParty(dataDir, options.as, { signal });
  screen.heading(`${party.entry.title} verifies ${shorten(address)} from its own store ${party.entry.storeUrl}`);
  const report = await verifyScope(
    { chain: await party.chain(), store: party.store, key: party.keys.encryption, sandbox: party.sandbox() },
    address,
    { signal },
  );
  showFindings(screen, report);
  screen.result(report);
  if (report.ok) return 0;
  throw new P8eError("verify.failed", `${report.findings.filter((each) => !each.ok).length} findings do not hold`, {
    facts: { scope: address, failed: report.findings.filter((each) => !each.ok).map((each) => each.what) },
  });
}

async function verifyObject(
  { screen, dataDir, signal }: CommandContext,
  what: string,
  options: { readonly as: string },
): Promise<number> {
  const hash = parseContentHash(what);
  const { openParty } = await import("@p8e/environment");
  await using party = await openParty(dataDir, options.as, { signal });
  const report = await screen.step(
    `checking ${shorten(hash)}`,
    async (onProgress) => {
      await using object = await party.store.get(hash, { key: party.keys.encryption, signal, onProgress });
      const { plaintextBytes, signer } = object;
      return { hash, plaintextBytes, signer: signer.base64 };
    },
    (found) => `${formatSize(found.plaintextBytes)}: decrypts, has this hash, and its signature is right`,
  );
  screen.facts([["signed by", nameOfKey(party.file, report.signer) ?? `an unknown key, ${shorten(report.signer)}`]]);
  screen.result({ ...report, ok: true });
  return 0;
}
