import { parseMetadataAddress } from "@p8e/core";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { UNKNOWN_SIGNER } from "../screens/show-fetched.ts";
import { lastNamedOr } from "../support/last-named.ts";

/** `p8e record show`. */
export const recordShow: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "record").command("show <scope> <name>"))
      .description("a record's value as JSON: from one's own store, checked against the hash on the ledger")
      .option("--as <party>", "who reads, from its own store; oneself by one's own profile")
      .option("--from <party>", "whose signature the record's object must carry: a partner, or oneself")
      .action(action(run));
  },
};

interface RecordOptions extends NodeOptions {
  readonly as?: string;
  readonly from?: string;
}

async function run(context: CommandContext, scopeText: string, name: string, options: RecordOptions): Promise<void> {
  const { screen, signal } = context;
  const address = parseMetadataAddress(await lastNamedOr(context, scopeText, "scope"), "scope");
  const [{ partyOfKey, requireAffiliateOf }, { readRecord, readScope }, { verifierOf }, { shorten }] =
    await Promise.all([
      import("@p8e/party"),
      import("@p8e/sdk"),
      import("../support/verifier-of.ts"),
      import("../terminal/format.ts"),
    ]);
  await using party = await context.openParty(options.as, "--as", options);
  const { from } = options;
  const expected = from === undefined ? {} : { expectedSigners: [requireAffiliateOf(party.profile, from).signingKey] };
  const verifier = await verifierOf(party);
  const scope = await readScope(verifier.chain, address, { signal });
  const record = await readRecord(verifier, scope, name, { ...expected, signal });
  const { value, unknownFields, signer, ...facts } = record;
  const signedBy = partyOfKey(party.profile, signer.base64);
  // The value alone on standard output, so that it can go into a file or another program.
  screen.value(value);
  screen.aside(
    `${facts.type} of ${facts.contract}, signed by ${signedBy?.title ?? `an unknown key, ${shorten(signer.base64)}`}; it has the hash on the ledger, ${facts.hash}`,
  );
  if (signedBy === undefined) screen.warn(UNKNOWN_SIGNER);
  if (unknownFields > 0) {
    const many = unknownFields === 1 ? "One field" : `${unknownFields} fields`;
    screen.warn(`${many} that the type does not know ${unknownFields === 1 ? "is" : "are"} left out`);
  }
  screen.result({
    ...{ scope: address, ...facts },
    ...{ signer: signer.base64, signerParty: signedBy?.name, unknownFields, value },
  });
}
