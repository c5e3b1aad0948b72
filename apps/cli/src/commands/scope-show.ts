import { metadataAddressFromBytes, parseMetadataAddress } from "@p8e/core";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { shorten } from "../terminal/format.ts";

export const scopeShow: CommandDefinition = {
  register(program, action) {
    group(program, "scope")
      .command("show <address>")
      .description("owners, sessions and records of a scope")
      .action(action(run));
  },
};

async function run({ screen, dataDir, signal }: CommandContext, addressText: string): Promise<void> {
  const address = parseMetadataAddress(addressText, "scope");
  const [{ connectChain }, { requireEnvironment }, { evidenceHashOf, readScope }, { nameOfAddress }] =
    await Promise.all([
      import("@p8e/chain"),
      import("@p8e/environment"),
      import("@p8e/sdk"),
      import("../support/names.ts"),
    ]);
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
