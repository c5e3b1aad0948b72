import { connectChain } from "@p8e/chain";
import { metadataAddressFromBytes, P8eError, parseContentHash, parseMetadataAddress } from "@p8e/core";
import { accountAddress, publicKeyFromBase64 } from "@p8e/crypto";
import { type EnvironmentFile, openParty, requireEnvironment } from "@p8e/environment";
import { evidenceHashOf, readScope, type Verification, verifyScope } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { nameOfKey } from "../names.ts";
import { formatSize, shorten } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

export async function showScope({ screen, dataDir, signal }: CommandContext, addressText: string): Promise<void> {
  const address = parseMetadataAddress(addressText, "scope");
  const file = await requireEnvironment(dataDir);
  await using chain = await connectChain({
    url: file.ledgerUrl,
    chainId: file.chainId,
    accountPrefix: file.accountPrefix,
    signal,
  });
  const scope = await readScope(chain, address, { signal });
  const named = (account: string) => nameOfAddress(file, account) ?? account;
  screen.heading(`Scope ${scope.address}`);
  screen.facts([
    ["owners", scope.owners.map(named).join(", ")],
    ["value owner", scope.valueOwner === "" ? "nobody" : named(scope.valueOwner)],
    ["may read", scope.dataAccess.map(named).join(", ") || "only the owners"],
  ]);
  screen.heading("Sessions");
  screen.table(
    ["contract", "parties", "evidence"],
    scope.sessions.map((session) => [
      session.name,
      session.parties.map((party) => named(party.address)).join(", "),
      shorten(evidenceHashOf(session.context) ?? "none", 20),
    ]),
  );
  screen.heading("Records");
  screen.table(
    ["record", "type", "made by", "hash"],
    scope.records.map((record) => [
      record.name,
      (record.process?.name ?? "").split(/[.$]/).at(-1) ?? "",
      record.process?.method ?? "",
      record.outputs.map((output) => output.hash).join(", "),
    ]),
  );
  screen.note("The ledger holds these hashes, parties and names; the content lies encrypted in the parties' stores.");
  screen.result({
    scope: scope.address,
    specification: metadataAddressFromBytes(scope.response.scope!.scope!.specificationId),
    owners: scope.owners,
    dataAccess: scope.dataAccess,
    valueOwner: scope.valueOwner,
    sessions: scope.sessions.map((session) => ({
      session: metadataAddressFromBytes(session.sessionId),
      contract: session.name,
      parties: session.parties.map((party) => party.address),
      evidence: evidenceHashOf(session.context),
    })),
    records: scope.records.map((record) => ({
      name: record.name,
      type: record.process?.name,
      method: record.process?.method,
      session: metadataAddressFromBytes(record.sessionId),
      outputs: record.outputs.map((output) => output.hash),
      inputs: record.inputs.map((input) => ({ name: input.name, hash: input.source.value })),
    })),
  });
}

export async function verify(context: CommandContext, what: string, options: { readonly as: string }): Promise<number> {
  return what.startsWith("scope1") ? verifyScopeCommand(context, what, options) : verifyObject(context, what, options);
}

async function verifyScopeCommand(
  { screen, dataDir, signal }: CommandContext,
  what: string,
  options: { readonly as: string },
): Promise<number> {
  const address = parseMetadataAddress(what, "scope");
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

export function showFindings(screen: Screen, report: Verification): void {
  for (const finding of report.findings) {
    const mark = finding.ok ? screen.style("green", "✔") : screen.style("red", "✖");
    screen.say(`${mark} ${finding.what}: ${finding.says}${finding.code === undefined ? "" : ` (${finding.code})`}`);
  }
}

async function verifyObject(
  { screen, dataDir, signal }: CommandContext,
  what: string,
  options: { readonly as: string },
): Promise<number> {
  const hash = parseContentHash(what);
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

/** An affiliate is known by the addresses of both its keys. */
export function nameOfAddress(file: EnvironmentFile, address: string): string | undefined {
  return file.parties.find(
    (party) =>
      party.address === address ||
      accountAddress(publicKeyFromBase64(party.encryptionKey), file.accountPrefix) === address,
  )?.title;
}
