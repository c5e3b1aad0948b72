import { P8eError, parseContentHash, parseMetadataAddress } from "@p8e/core";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showFindings } from "../support/show-findings.ts";
import { verifierOf } from "../support/verifier-of.ts";
import { formatSize, shorten } from "../terminal/format.ts";

/** `p8e verify`. */
export const verify: CommandDefinition = {
  register(program, action) {
    program
      .command("verify <what>")
      .description("check a scope (scope1…) or an object (hash) from one's own store against the ledger")
      .option("--as <party>", "who verifies, from its own store; oneself by one's own profile")
      .action(action(run));
  },
};

async function run(context: CommandContext, what: string, options: { readonly as?: string }): Promise<number> {
  return what.startsWith("scope1") ? verifyScopeAt(context, what, options) : verifyObject(context, what, options);
}

async function verifyScopeAt(
  { screen, openParty, signal }: CommandContext,
  what: string,
  options: { readonly as?: string },
): Promise<number> {
  const address = parseMetadataAddress(what, "scope");
  const { verifyScope } = await import("@p8e/sdk");
  await using party = await openParty(options.as, "--as");
  screen.heading(`${party.self.title} verifies ${shorten(address)} from its own store ${party.self.storeUrl}`);
  const report = await verifyScope(await verifierOf(party), address, { signal });
  showFindings(screen, report);
  screen.result(report);
  if (report.ok) return 0;
  throw new P8eError("verify.failed", `${report.findings.filter((each) => !each.ok).length} findings do not hold`, {
    facts: { scope: address, failed: report.findings.filter((each) => !each.ok).map((each) => each.what) },
  });
}

async function verifyObject(
  { screen, openParty, signal }: CommandContext,
  what: string,
  options: { readonly as?: string },
): Promise<number> {
  const hash = parseContentHash(what);
  const { partyOfKey } = await import("@p8e/party");
  await using party = await openParty(options.as, "--as");
  const [store, keys] = [await party.store(), await party.keys()];
  const report = await screen.step(
    `checking ${shorten(hash)}`,
    async (onProgress) => {
      await using object = await store.get(hash, { key: keys.encryption, signal, onProgress });
      const { plaintextBytes, signer } = object;
      return { hash, plaintextBytes, signer: signer.base64 };
    },
    (found) => `${formatSize(found.plaintextBytes)}: decrypts, has this hash, and its signature is right`,
  );
  screen.facts([
    ["signed by", partyOfKey(party.profile, report.signer)?.title ?? `an unknown key, ${shorten(report.signer)}`],
  ]);
  screen.result({ ...report, ok: true });
  return 0;
}
