import { parseMetadataAddress, type ScopeAddress } from "@p8e/core";
import type { OpenParty } from "@p8e/party";
import type { Verification } from "@p8e/sdk";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { showFindings } from "../screens/show-findings.ts";
import { lastNamedOr } from "../support/last-named.ts";
import { verifierOf } from "../support/verifier-of.ts";
import { formatSize, shorten } from "../terminal/format.ts";

/** `p8e verify`. */
export const verify: CommandDefinition = {
  register(program, action) {
    withNode(program.command("verify <what>"))
      .description("check a scope (scope1…) or an object (hash) from one's own store against the ledger")
      .option("--as <party>", "who verifies, from its own store; oneself by one's own profile")
      .option(
        "--readers",
        "of a scope: whether all whom the ledger lets read can open everything, and who else can",
        false,
      )
      .action(action(run));
  },
};

interface VerifyOptions extends NodeOptions {
  readonly as?: string;
  readonly readers: boolean;
}

async function run(context: CommandContext, text: string, options: VerifyOptions): Promise<void> {
  const what = await lastNamedOr(context, text, "hash", "scope");
  return what.startsWith("scope1") ? verifyScopeAt(context, what, options) : verifyObjectAt(context, what, options);
}

async function verifyScopeAt(
  { screen, openParty, signal }: CommandContext,
  what: string,
  options: VerifyOptions,
): Promise<void> {
  const address = parseMetadataAddress(what, "scope");
  const { requireHolds, verifyScope } = await import("@p8e/sdk");
  await using party = await openParty(options.as, "--as", options);
  screen.heading(`${party.self.title} verifies ${shorten(address)} from its own store ${party.self.storeUrl}`);
  const report = options.readers
    ? await readersOf(party, address, signal)
    : await verifyScope(await verifierOf(party), address, { signal });
  const { inWords, nameOf } = (await import("../support/names-of.ts")).namesOf(party);
  showFindings(screen, {
    findings: report.findings.map((each) => ({ ...each, what: inWords(each.what), says: inWords(each.says) })),
  });
  const findings = report.findings.map((each) => {
    const reader = /^reader (\S+)$/.exec(each.what)?.[1];
    return { ...each, party: reader && nameOf(reader) };
  });
  screen.result({ ...report, findings });
  requireHolds(report);
}

/** Partners are looked for whether or not the ledger names them. */
async function readersOf(party: OpenParty, address: ScopeAddress, signal: AbortSignal): Promise<Verification> {
  const [{ affiliateOfParty }, { verifyReaders }] = await Promise.all([import("@p8e/party"), import("@p8e/sdk")]);
  const { partners, network } = party.profile;
  const others = partners.map((partner) => affiliateOfParty(partner, network.accountPrefix));
  const { directory } = (await party.client()).parts;
  return verifyReaders({ ...(await verifierOf(party)), directory }, address, { others, signal });
}

async function verifyObjectAt(context: CommandContext, what: string, options: VerifyOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ partyOfKey }, { requireHolds, verifyObject }, { hashNamed }] = await Promise.all([
    import("@p8e/party"),
    import("@p8e/sdk"),
    import("../support/hash-named.ts"),
  ]);
  await using party = await openParty(options.as, "--as", options);
  const hash = await hashNamed(context, what, party.located);
  const reader = { store: await party.store(), key: (await party.keys()).encryption };
  const report = await screen.step(
    `asking ${party.self.storeUrl} for ${shorten(hash)}`,
    (onProgress) => verifyObject(reader, hash, { signal, onProgress }),
    ({ plaintextBytes }) =>
      `asked ${party.self.storeUrl} for ${shorten(hash)}${plaintextBytes === undefined ? "" : `: ${formatSize(plaintextBytes)}`}`,
  );
  showFindings(screen, report);
  const signer = report.signer?.base64;
  if (signer !== undefined) {
    screen.facts([["signed by", partyOfKey(party.profile, signer)?.title ?? `an unknown key, ${shorten(signer)}`]]);
  }
  const signerName = signer === undefined ? undefined : partyOfKey(party.profile, signer)?.title;
  screen.result({ ...report, signer, signerName });
  requireHolds(report);
}
