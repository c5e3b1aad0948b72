import { access, constants, statfs } from "node:fs/promises";
import { arch, platform } from "node:os";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { P8eError } from "@p8e/core";
import type { EnvironmentFile } from "@p8e/environment";
import type { StoreConfiguration } from "@p8e/object-store";
import type { LocatedProfile } from "@p8e/party";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import { type Check, showChecks } from "../screens/show-checks.ts";
import { formatSize } from "../terminal/format.ts";

/** `p8e doctor`. */
export const doctor: CommandDefinition = {
  register(program, action) {
    program
      .command("doctor")
      .description("look at this machine and the environment or profile, and say what is wrong")
      .option("--node <url>", "look at this node instead: grpc://HOST:PORT, or grpcs:// with TLS")
      .option("--network <network>", "the node's: local, testnet, mainnet, or the file of another")
      .action(action(run));
  },
};

/** @returns whether it is as it should be */
type CheckOne = (what: string, work: () => Promise<string> | string) => Promise<boolean>;

const DISK_MIN_BYTES = 1_000_000_000;
const NODE_MAJOR_MIN = 24;
const PATIENCE_MS = 5000;

async function run(context: CommandContext, options: NodeOptions): Promise<number> {
  const { screen } = context;
  const checks: Check[] = [];
  const check: CheckOne = async (what, work) => {
    try {
      checks.push({ what, ok: true, says: await work() });
      return true;
    } catch (thrown) {
      const error = P8eError.from(thrown);
      checks.push({ what, ok: false, says: `${error.message}${error.hint ? `. ${error.hint}` : ""}` });
      return false;
    }
  };
  await check("Node.js", () => {
    if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) throw new Error(`${process.version} is too old`);
    return `${process.version} on ${platform()} ${arch()}`;
  });
  const { defaultBackend } = await import("@p8e/crypto");
  await check("elliptic curves", () => {
    const { name, constantTime } = defaultBackend();
    if (constantTime) return `${name} back end, in constant time`;
    return `${name} back end, slower and not in constant time: libsecp256k1 has no binary for ${platform()} ${arch()}`;
  });
  if (options.node === undefined && options.network === undefined) await checkPlace(context, check);
  else {
    const [{ checkNode }, { nodeToAsk }] = await Promise.all([
      import("../support/check-node.ts"),
      import("../support/node-to-ask.ts"),
    ]);
    await checkNode(context, await nodeToAsk(context, options), check);
  }
  showChecks(screen, checks);
  screen.result({ ok: checks.every((each) => each.ok), checks });
  return checks.every((each) => each.ok) ? 0 : 1;
}

async function checkPlace(context: CommandContext, check: CheckOne): Promise<void> {
  const source = await context.source();
  const folder =
    source === undefined ? resolve(context.dataDir) : source.kind === "profile" ? dirname(source.file) : source.dataDir;
  await check("data folder", () => checkFolder(folder));
  if (source?.kind === "profile") await checkProfile(context, source.file, check);
  else await checkEnvironment(context, folder, check);
}

async function checkFolder(folder: string): Promise<string> {
  const existing = await access(folder).then(
    () => folder,
    () => dirname(folder),
  );
  await access(existing, constants.W_OK);
  const { bavail, bsize } = await statfs(existing);
  if (bavail * bsize < DISK_MIN_BYTES) throw new Error(`only ${formatSize(bavail * bsize)} free in ${existing}`);
  return `${folder}, ${formatSize(bavail * bsize)} free`;
}

async function checkProfile(context: CommandContext, file: string, check: CheckOne): Promise<void> {
  let located: LocatedProfile | undefined;
  await check("profile", async () => {
    const { readProfile } = await import("@p8e/party/profile");
    located = await readProfile(file);
    context.screen.actsBy(located.file);
    const { party, network } = located.profile;
    return `${located.file}: ${party.name} (${party.title}, ${party.address}) on ${network.name}`;
  });
  if (located === undefined) return;
  await checkLedger(context, located, check);
  const serves = await checkStore(context, located, "own store", check);
  if (serves) await checkStored(context, located, "what it keeps and sends", check);
  await checkLeave(context, located, "leave given to others", check);
}

async function checkEnvironment(context: CommandContext, folder: string, check: CheckOne): Promise<void> {
  const { profilesOf, readEnvironmentFile } = await import("@p8e/environment/profiles");
  let file: EnvironmentFile | undefined;
  const read = await check("environment's file", async () => {
    file = await readEnvironmentFile(folder);
    return file === undefined ? "none here yet; npm start makes one" : file.parties.map(({ name }) => name).join(", ");
  });
  if (!read) return;
  if (file === undefined) {
    await checkLoneServers(context, folder, check);
    return;
  }
  const profiles = profilesOf(folder, file);
  if (profiles[0] !== undefined) context.screen.actsBy(profiles[0].file);
  await check("environment", async () => {
    const { servingFolders, standingOf } = await import("@p8e/environment");
    const [environment] = servingFolders({ environment: folder });
    const { process, leftDatabase } = await standingOf(environment!);
    if (process !== undefined) return `runs as process ${process}`;
    const left =
      leftDatabase === undefined ? "" : `, but its database still does (process ${leftDatabase}; p8e down stops it)`;
    throw new Error(`it exists but does not run${left}; npm start or npx p8e up starts it`);
  });
  if (profiles[0] !== undefined) await checkLedger(context, profiles[0], check);
  for (const located of profiles) {
    const what = `store of ${located.profile.party.name}`;
    const serves = await checkStore(context, located, what, check);
    if (serves) await checkStored(context, located, `what the ${what} keeps and sends`, check);
    await checkLeave(context, located, `leave given by ${located.profile.party.title}`, check);
  }
}

/** Servers that run by themselves: a store by the variables or in the folder, and a ledger. */
async function checkLoneServers(context: CommandContext, folder: string, check: CheckOne): Promise<void> {
  const { servingFolders, standingOf } = await import("@p8e/environment");
  for (const serving of servingFolders({ party: folder })) {
    await check(serving.what.replace(/^the /, ""), async () => {
      const { process, leftDatabase } = await standingOf(serving);
      if (process !== undefined) return `runs in ${serving.folder} as process ${process}`;
      const left = leftDatabase === undefined ? "" : `, but its database still does (process ${leftDatabase})`;
      throw new Error(`it does not run in ${serving.folder}${left}; p8e ${serving.what.slice(4)} serve runs it`);
    });
  }
  const { databaseVariables, parseStoreConfiguration } = await import("@p8e/object-store/inspection");
  const { variables } = context;
  if (!databaseVariables.some((name) => variables[name])) return;
  await check("what the store of the DB_ variables keeps and sends", async () => {
    return await storedIn(parseStoreConfiguration(variables).database);
  });
}

function checkLedger({ signal }: CommandContext, located: LocatedProfile, check: CheckOne): Promise<boolean> {
  return check("ledger", async () => {
    const { connectNode, tellWhose } = await import("@p8e/party");
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      await using chain = await connectNode(located, { signal: limit, timeoutMs: 3000 });
      return `${located.profile.node.url}, ${chain.node.network}, block ${await chain.height()}`;
    } catch (error) {
      throw tellWhose(error, located);
    }
  });
}

function checkStore(
  { signal }: CommandContext,
  located: LocatedProfile,
  what: string,
  check: CheckOne,
): Promise<boolean> {
  return check(what, async () => {
    const [{ connectRpc }, health, { storeTarget, tellWhose }] = await Promise.all([
      import("@p8e/rpc"),
      import("@p8e/proto/health"),
      import("@p8e/party"),
    ]);
    const target = await storeTarget(located);
    await using client = connectRpc(target);
    const call = { timeoutMs: 3000, signal };
    const { status } = await client.unary(health.Health.method.check, {}, call).catch((error: unknown) => {
      throw tellWhose(error, located);
    });
    if (status !== health.HealthCheckResponse_ServingStatus.SERVING) throw new Error("it answers, but does not serve");
    return `${target.url} serves`;
  });
}

/** What the store's own database says; nothing is said of a store that is known by its URL alone. */
async function checkStored(
  { variables }: CommandContext,
  located: LocatedProfile,
  what: string,
  check: CheckOne,
): Promise<void> {
  const { ownStoreAccess } = await import("@p8e/party/profile");
  const access = await ownStoreAccess(located, variables).catch(() => undefined);
  if (access === undefined) return;
  await check(what, async () => {
    const [{ parseStoreConfiguration }, { storeVariables }] = await Promise.all([
      import("@p8e/object-store/inspection"),
      import("@p8e/environment/profiles"),
    ]);
    return await storedIn(parseStoreConfiguration(storeVariables(access, { host: "127.0.0.1", port: 0 })).database);
  });
}

/** What is wrong with what a store has is thrown. */
async function storedIn(database: StoreConfiguration["database"]): Promise<string> {
  const { openStoreReader, storedHealth } = await import("@p8e/object-store/inspection");
  await using reader = await openStoreReader(database);
  const { missing, damaged, peers } = await storedHealth(reader, { limit: 1 });
  const problems = [
    ...(missing + damaged > 0 ? [`${missing + damaged} objects damaged or missing: p8e store repair`] : []),
    ...peers.flatMap(({ url, state, setAside, reason }) => [
      ...(setAside > 0 ? [`${setAside} deliveries to ${url} were set aside: p8e store replication list`] : []),
      ...(state === "refusing" ? [`${url} takes nothing: ${reason ?? "no reason given"}`] : []),
    ]),
  ];
  if (problems.length > 0) throw new Error(problems.join("; "));
  const waiting = peers.reduce((sum, peer) => sum + peer.waiting, 0);
  return `nothing was found damaged or missing, ${waiting} deliveries wait`;
}

/** Days for which misuse of leave counts as something wrong. */
const MISUSE_DAYS = 30;

/** What the party's own state says; nothing is said of a party that has none. */
async function checkLeave(
  { variables }: CommandContext,
  located: LocatedProfile,
  what: string,
  check: CheckOne,
): Promise<void> {
  const { openParty, partyOfAddress, statePath } = await import("@p8e/party");
  const hasState = await access(statePath(located)).then(
    () => true,
    () => false,
  );
  if (!hasState) return;
  await check(what, async () => {
    const { sessionAddress } = await import("@p8e/core");
    await using party = openParty(located, { variables });
    const { leaveWatches } = await party.state();
    const since = Date.now() - MISUSE_DAYS * 86_400_000;
    const found = (await leaveWatches.unapproved()).filter(({ atMs }) => atMs >= since);
    if (found.length === 0)
      return `is not known to have been used for anything that was not approved, in ${MISUSE_DAYS} days`;
    const used = found.map(({ writtenBy, session: of, height }) => {
      const by = partyOfAddress(located.profile, writtenBy)?.title ?? writtenBy;
      if (of === undefined) return `${by} may have used it for something that is not known, up to block ${height}`;
      const session = sessionAddress(of.scopeUuid, of.sessionUuid);
      return `${by} may have used it for ${session}, in block ${height}, which was not approved`;
    });
    throw new Error(used.join("; "));
  });
}
