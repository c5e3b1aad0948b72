import { access, constants, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type BuiltContract,
  buildContract,
  manifestText,
  type ScopeSpecification,
  scopeSpecificationUuid,
} from "@p8e/contract";
import {
  type AccountAddress,
  P8eError,
  parseMetadataAddress,
  parseRole,
  type Role,
  type ScopeSpecificationAddress,
  scopeSpecificationAddress,
} from "@p8e/core";
import { publicKeyFromBase64 } from "@p8e/crypto";
import { openSandbox } from "@p8e/engine";
import { affiliateOfEntry, findParty, type OpenParty, openParty } from "@p8e/environment";
import { type Affiliate, affiliateOf, type NewSession, type SessionScope } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { finishInterrupted } from "../finish-interrupted.ts";
import { formatFee, formatSize, shorten } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";
import { readProposals } from "./read-proposals.ts";

export async function build(
  { screen }: CommandContext,
  file: string,
  options: { readonly out: string },
): Promise<void> {
  const built = await buildStep(screen, file);
  const name = built.manifest.className;
  await mkdir(options.out, { recursive: true });
  const paths = {
    bundle: join(options.out, `${name}.js`),
    types: join(options.out, `${name}.types.binpb`),
    manifest: join(options.out, `${name}.manifest.json`),
  };
  await writeFile(paths.bundle, built.bundle);
  await writeFile(paths.types, built.types.bytes);
  await writeFile(paths.manifest, manifestText(built.manifest));
  screen.facts(Object.entries(paths));
  screen.result({ ...paths, manifest: built.manifest, manifestPath: paths.manifest });
}

export async function check({ screen }: CommandContext, file: string): Promise<void> {
  const { manifest } = await buildStep(screen, file);
  screen.facts([
    ["class", manifest.className],
    ["on scopes", manifest.scopes.join(", ")],
    ["parties", manifest.participants.join(", ")],
    ["reads", manifest.records.map((record) => `${record.name}${record.optional ? "?" : ""}`).join(", ") || "nothing"],
  ]);
  screen.table(
    ["function", "invoked by", "takes", "writes"],
    manifest.functions.map((each) => [
      each.name,
      each.invokedBy,
      each.inputs.map((input) => input.name).join(", "),
      each.writes.name,
    ]),
  );
  for (const { where, message } of manifest.warnings) screen.warn(`${where} ${message}`);
  screen.result(manifest);
}

export async function publish(
  { screen, dataDir, signal }: CommandContext,
  file: string,
  options: { readonly as: string; readonly for: readonly string[]; readonly plan: boolean },
): Promise<void> {
  await using party = await openParty(dataDir, options.as, { signal });
  const audience = options.for.map((name) => publicKeyFromBase64(findParty(party.file, name).encryptionKey));
  const built = await buildStep(screen, file);
  const { publisher } = await party.client();
  const plan = await publisher.plan({ built, scopes: await scopeSpecificationsOf(file), audience }, { signal });
  for (const difference of plan.differences) screen.warn(`${difference}; publishing leaves it as it is`);
  if (options.plan) {
    screen.say(plan.steps.length === 0 ? "Nothing to write: the ledger has it all." : "Would write to the ledger:");
    for (const step of plan.steps) screen.say(`  ${step.what}`);
    screen.result({ contract: plan.contract, steps: plan.steps.map((step) => step.what) });
    return;
  }
  const result = await screen.step(
    `publishing ${plan.className}`,
    () => publisher.publish(plan, { signal }),
    (done) =>
      done.receipts.length === 0
        ? `${plan.className} was published before; nothing to write`
        : `${plan.className} published: ${plan.steps.length} messages, ${formatFee(done.fee)}`,
  );
  screen.facts([
    ["contract", plan.contract],
    ["scopes", plan.scopes.join(", ")],
    ["code", plan.objects.find((object) => object.kind === "code")?.hash],
    ["transactions", result.receipts.map((receipt) => shorten(receipt.hash)).join(", ") || "none"],
  ]);
  screen.result({
    contract: plan.contract,
    className: plan.className,
    scopes: plan.scopes,
    objects: Object.fromEntries(plan.objects.map((object) => [object.kind, object.hash])),
    transactions: result.receipts.map((receipt) => receipt.hash),
    fee: result.fee,
  });
}

export interface ExecuteOptions {
  readonly as: string;
  readonly scope?: string;
  readonly newScope?: string;
  readonly input: readonly string[];
  readonly participant: readonly string[];
  readonly share: readonly string[];
  readonly dryRun: boolean;
}

export async function execute(context: CommandContext, contract: string, options: ExecuteOptions): Promise<void> {
  const { screen, dataDir, signal } = context;
  await using party = await openParty(dataDir, options.as, { signal });
  const at = scopeOf(options, party.entry.address);
  const files = options.input.map((text) => pair(text, "--input", "NAME=FILE"));
  const { sessions } = await party.client();
  if (!options.dryRun) await finishInterrupted(context, sessions);
  const found = await sessions.find(contract, at, { signal });
  const proposals = await readProposals(files, found);
  const request: NewSession = {
    contract: found,
    scope: at,
    participants: participantsOf(options.participant, party, found.manifest.participants),
    proposals,
    dataAccess: options.share.map((name) => affiliateOfEntry(findParty(party.file, name))),
  };
  const prepared = await sessions.prepare(request, { signal });
  const executed = await screen.step(
    `running ${found.manifest.className}`,
    () => sessions.execute(prepared, { signal }),
    (done) =>
      `${found.manifest.className} ran in the sandbox: ${done.results.length === 1 ? "one function" : `${done.results.length} functions`}`,
  );
  screen.table(
    ["function", "outcome", "record", "hash"],
    executed.results.map((result) => [
      result.function,
      result.outcome,
      result.record,
      result.outcome === "PASS" ? result.hash : "",
    ]),
  );
  const priced = await sessions.price(executed, { signal });
  const { fee: price } = priced.cost;
  screen.say(`  writing it to the ledger costs ${formatFee(price)}`);
  const records = executed.results.map((result) => ({
    ...{ function: result.function, outcome: result.outcome, record: result.record },
    ...(result.outcome === "PASS" ? { hash: result.hash, fuel: result.fuel } : {}),
  }));
  if (options.dryRun) {
    screen.result({ dryRun: true, records, fee: price });
    return;
  }
  const done = await screen.step(
    "storing and memorializing",
    (progress) => sessions.memorialize(priced, { signal, onShared: progress }),
    (written) => `memorialized in block ${written.receipt.height} for ${formatFee(written.receipt.fee)}`,
  );
  screen.facts([
    ["scope", done.scope],
    ["session", done.session],
    ["transaction", done.receipt.hash],
    ["check it with", `npx p8e verify ${done.scope} --as ${options.as}`],
  ]);
  const { scope, session, receipt } = done;
  screen.result({ scope, session, transaction: receipt.hash, height: receipt.height, fee: receipt.fee, records });
}

async function buildStep(screen: Screen, file: string): Promise<BuiltContract> {
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw new P8eError("input.invalid", "the file cannot be read", { cause, facts: { file } });
  });
  await using sandbox = openSandbox();
  return await screen.step(
    `building ${file}`,
    () => buildContract({ entry: file, describe: (bundle) => sandbox.describe(bundle) }),
    ({ manifest }) => `${manifest.className}: ${formatSize(manifest.bundle.sizeBytes)}, the same bytes every time`,
  );
}

/** The author's own module on the author's own machine: its exports are read, as its build reads its source. */
async function scopeSpecificationsOf(file: string): Promise<readonly ScopeSpecification[]> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  return Object.values(module).filter(isScopeSpecification);
}

function isScopeSpecification(value: unknown): value is ScopeSpecification {
  if (typeof value !== "object" || value === null) return false;
  const { name, description, parties } = value as Partial<ScopeSpecification>;
  return typeof name === "string" && typeof description === "string" && Array.isArray(parties);
}

function scopeOf(options: ExecuteOptions, publisher: AccountAddress): SessionScope {
  if ((options.scope === undefined) === (options.newScope === undefined)) {
    throw new P8eError("input.invalid", "name either --scope or --new-scope");
  }
  if (options.scope !== undefined) return { kind: "existing", address: parseMetadataAddress(options.scope, "scope") };
  return { kind: "new", specification: scopeSpecificationNamed(options.newScope!, publisher) };
}

export function scopeSpecificationNamed(text: string, publisher: AccountAddress): ScopeSpecificationAddress {
  if (text.startsWith("scopespec1")) return parseMetadataAddress(text, "scope-specification");
  return scopeSpecificationAddress(scopeSpecificationUuid(publisher, text));
}

function participantsOf(
  given: readonly string[],
  party: OpenParty,
  roles: readonly Role[],
): ReadonlyMap<Role, Affiliate> {
  const participants = new Map<Role, Affiliate>();
  for (const text of given) {
    const [role, name] = pair(text, "--participant", "ROLE=PARTY");
    participants.set(parseRole(role), affiliateOfEntry(findParty(party.file, name)));
  }
  // A contract of one role is run by whoever runs it.
  if (given.length === 0 && roles.length === 1) participants.set(roles[0]!, affiliateOf(party.keys));
  return participants;
}

function pair(text: string, option: string, form: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) {
    throw new P8eError("input.invalid", `${option} takes ${form}`, { facts: { given: text.slice(0, 200) } });
  }
  return [text.slice(0, at), text.slice(at + 1)];
}
