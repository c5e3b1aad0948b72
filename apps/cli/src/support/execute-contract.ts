import { type AccountAddress, P8eError, parseMetadataAddress, parseRole, type Role } from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import { affiliateOfParty, type OpenParty, requireAffiliateOf, requireParties } from "@p8e/party";
import { dryRunView, functionViews, memorializedView, requestedView } from "@p8e/party/views";
import { type Affiliate, type NewSession, type SessionScope, scopeSpecificationNamed } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import { showExecuted, showMemorialized, showPrice, showRequested } from "../screens/show-executed.ts";
import { feeGranterOf } from "./change-scope.ts";
import { finishInterrupted } from "./finish-interrupted.ts";
import { isoTime } from "./iso-times.ts";
import { lastNamedOr, rememberLast } from "./last-named.ts";
import { namesOf } from "./names-of.ts";
import { passedOf } from "./passed-of.ts";
import { priceWords } from "./price-words.ts";
import { readProposals } from "./read-proposals.ts";
import { atSameEnvironment } from "./same-environment.ts";

/** What `p8e contract execute` can be told. */
export interface ExecuteOptions extends NodeOptions {
  readonly as?: string;
  readonly scope?: string;
  readonly newScope?: string;
  readonly input: readonly string[];
  readonly participant: readonly string[];
  readonly share: readonly string[];
  readonly dryRun: boolean;
  readonly feeMax?: string;
  readonly feeGranter?: string;
  readonly deadline?: string;
}

/** Runs a contract and writes its result, step by step in front of the person's eyes. */
export async function executeContract(
  context: CommandContext,
  contract: string,
  options: ExecuteOptions,
): Promise<void> {
  const { screen, signal } = context;
  await using party = await context.openParty(options.as, "--as", options);
  const scope = options.scope === undefined ? undefined : await lastNamedOr(context, options.scope, "scope");
  const at = scopeOf({ ...options, scope }, party.self.address);
  const files = options.input.map((text) => pair(text, "--input", "NAME=FILE"));
  const roles = options.participant.map((text) => pair(text, "--participant", "ROLE=PARTY"));
  // Whoever is not known is told of at once, before anything is asked for or run.
  requireParties(party.profile, [...roles.map(([, name]) => name), ...options.share]);
  const { sessions } = await party.client();
  if (!options.dryRun) await finishInterrupted(context, sessions);
  const found = await sessions.find(contract, at, { signal });
  const proposals = await readProposals(files, found, { signal });
  const request: NewSession = {
    contract: found,
    scope: at,
    participants: participantsOf(roles, party, found.manifest.participants),
    proposals,
    ...(options.deadline === undefined ? {} : { deadlineMs: deadlineOf(options.deadline) }),
    dataAccess: options.share.map((name) => requireAffiliateOf(party.profile, name)),
  };
  const prepared = await sessions.prepare(request, { signal });
  const executed = await screen.step(
    `running ${found.manifest.className}`,
    () => sessions.execute(prepared, { signal }),
    (done) => {
      const ran = passedOf(done);
      return `${found.manifest.className} ran in the sandbox: ${ran === 1 ? "one function" : `${ran} functions`}`;
    },
  );
  const { titleOf } = namesOf(party);
  const parties = [...request.participants].map(([role, { signingKey }]) => ({
    ...{ role, address: accountAddress(signingKey, party.profile.network.accountPrefix) },
  }));
  showExecuted(screen, { parties, functions: functionViews(executed) }, titleOf);
  const priced = await sessions.price(executed, { feeGranter: feeGranterOf(party, options), signal });
  const { fee: price } = priced.cost;
  const inWords = await priceWords(context, party);
  const { others } = executed;
  const asked = others.map(({ address, sessionMessages, dataAccessMessages }) => ({
    ...{ address, messages: sessionMessages + dataAccessMessages },
  }));
  showPrice(screen, { price: inWords(price), others: asked }, titleOf);
  if (options.dryRun) {
    screen.result(dryRunView(priced, executed));
    return;
  }
  // By a profile of its own a party acts as itself, without being named.
  const source = await context.source();
  const as = source?.kind === "profile" ? "" : ` --as ${party.self.name}`;
  if (others.length > 0) {
    const { agreements } = await party.client();
    const requested = await screen.step(
      "storing and asking the others",
      (progress) => agreements.request(priced, { signal, onShared: progress }),
      () => `asked ${others.length === 1 ? "one party" : `${others.length} parties`} to sign`,
    );
    await rememberLast(context, party.located, { scope: requested.scope, session: requested.executionUuid });
    const where = `${as}${atSameNode(options)}${atSameEnvironment(source)}`;
    showRequested(screen, {
      ...{ session: requested.executionUuid, scope: requested.scope, until: isoTime(requested.deadlineMs) },
      seeWith: `npx p8e session show ${requested.executionUuid}${where}`,
      takeInWith: `npx p8e inbox${where}`,
    });
    screen.result(requestedView(requested));
    return;
  }
  const done = await screen.step(
    "storing and memorializing",
    (progress) => sessions.memorialize(priced, { signal, onShared: progress }),
    (written) => `memorialized in block ${written.receipt.height} for ${inWords(written.receipt.fee)}`,
  );
  await rememberLast(context, party.located, { scope: done.scope });
  const { hash: transaction, confirmation, outOfGas } = done.receipt;
  showMemorialized(screen, {
    ...{ scope: done.scope, session: done.session, transaction, confirmation },
    outOfGas: outOfGas && { transaction: outOfGas.hash, price: inWords(outOfGas.fee) },
    checkWith: `npx p8e verify ${done.scope}${as}${atSameNode(options)}${atSameEnvironment(source)}`,
  });
  screen.result(memorializedView(done, executed));
}

/** What was said of the node, to be said again. */
function atSameNode({ node, network }: NodeOptions): string {
  return `${node === undefined ? "" : ` --node ${node}`}${network === undefined ? "" : ` --network ${network}`}`;
}

/** A time, or how long from now: `90m`, `12h`, `7d`. */
function deadlineOf(text: string): number {
  const span = /^(\d{1,5})([mhd])$/.exec(text);
  const unit = { m: 60_000, h: 3600_000, d: 86_400_000 }[span?.[2] ?? ""];
  const at = span !== null && unit !== undefined ? Date.now() + Number(span[1]) * unit : Date.parse(text);
  if (Number.isNaN(at)) {
    throw new P8eError("input.invalid", "--deadline takes a time (2026-01-31T12:00:00Z) or how long from now (12h)", {
      facts: { given: text.slice(0, 60) },
    });
  }
  return at;
}

function scopeOf(
  options: { readonly scope: string | undefined; readonly newScope?: string },
  publisher: AccountAddress,
): SessionScope {
  if ((options.scope === undefined) === (options.newScope === undefined)) {
    throw new P8eError("input.invalid", "name either --scope or --new-scope");
  }
  if (options.scope !== undefined) return { kind: "existing", address: parseMetadataAddress(options.scope, "scope") };
  return { kind: "new", specification: scopeSpecificationNamed(options.newScope!, publisher) };
}

/** Who takes which role of a contract, as options say it. @throws `key.unavailable`, `input.invalid` */
export function participantsOf(
  given: readonly (readonly [role: string, name: string])[],
  party: OpenParty,
  roles: readonly Role[],
): ReadonlyMap<Role, Affiliate> {
  const participants = new Map<Role, Affiliate>();
  for (const [role, name] of given) {
    participants.set(parseRole(role), requireAffiliateOf(party.profile, name));
  }
  // A contract of one role is run by whoever runs it.
  if (given.length === 0 && roles.length === 1)
    participants.set(roles[0]!, affiliateOfParty(party.self, party.profile.network.accountPrefix));
  return participants;
}

/** The two sides of `NAME=VALUE`. @throws `input.invalid` */
export function pair(text: string, option: string, form: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) {
    throw new P8eError("input.invalid", `${option} takes ${form}`, { facts: { given: text.slice(0, 200) } });
  }
  return [text.slice(0, at), text.slice(at + 1)];
}
