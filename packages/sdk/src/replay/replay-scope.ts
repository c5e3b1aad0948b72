import { create } from "@bufbuild/protobuf";
import type { AskOptions } from "@p8e/chain";
import {
  type ContentHash,
  equalBytes,
  isP8eError,
  metadataAddressFromBytes,
  metadataAddressParts,
  P8eError,
  parseContentHash,
  type ScopeAddress,
  type SessionAddress,
} from "@p8e/core";
import { executeContract, type LoadedContract } from "@p8e/engine";
import type * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import { openAgreementEvidence } from "../agreement/agreement-evidence.ts";
import { decodeEvidence, type Evidence, verifyEvidence } from "../session/evidence.ts";
import { AGREEMENT_CONTEXT_VERSION, evidenceHashOf } from "../session/evidence-context.ts";
import { fetchContractCode, isArchive, loadContractCode } from "../session/find-contract.ts";
import { readScope, type ScopeSnapshot } from "../session/scope-snapshot.ts";
import type { StateStore } from "../state/state-store.ts";
import { type Finding, find, type Outcome, worstOutcome } from "../verify/outcome.ts";
import { requireSameSession } from "../verify/verify-evidence.ts";
import type { Verifier } from "../verify/verify-scope.ts";
import { compareReplay, differencesOf, type ReplayedFunction, withoutResults } from "./compare-replay.ts";

/** Who replays: as a verifier, and with its own memory of sessions, if it has any. */
export interface Replayer extends Verifier {
  readonly state?: Pick<StateStore, "committedIn">;
}

/** What to replay of a scope. */
export interface ReplayOptions extends AskOptions {
  /** One session, also one that the ledger does not have any more; every session that the ledger has when absent. */
  readonly session?: SessionAddress | undefined;
  readonly onFinding?: (finding: Finding) => void;
}

/** A session that was executed again. */
export interface ReplayedSession {
  readonly session: SessionAddress;
  /** Class name of its contract. */
  readonly contract: string;
  /** Who says which evidence is its: the ledger, or this party's own memory of what it wrote. */
  readonly source: "ledger" | "memory";
  /** Empty when it could not be executed. */
  readonly functions: readonly ReplayedFunction[];
}

/** What replaying a scope came to. */
export interface Replay {
  readonly scope: ScopeAddress;
  /** The worst that was found: broken, then not shown, then unchecked. */
  readonly outcome: Outcome;
  /** Whether the outcome is `holds`: everything came out as it was signed. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly sessions: readonly ReplayedSession[];
}

/**
 * Executes sessions of a scope again, from the code and the values that lie in the reader's own store, and compares what
 * comes out with what the parties signed: outputs and fuel. What a dishonest party could make all of its partners sign
 * without running it, this finds. Each difference is a finding of its own.
 *
 * @throws `ledger.not_found` when there is no such scope, or nobody here knows the session; what says nothing of the
 *   session, as {@link find}
 */
export async function replayScope(
  replayer: Replayer,
  address: ScopeAddress,
  options: ReplayOptions = {},
): Promise<Replay> {
  const { session: wanted, onFinding, ...asked } = options;
  const snapshot = await readScope(replayer.chain, address, asked);
  const findings: Finding[] = [];
  const look = async (what: string, work: () => Promise<string>): Promise<boolean> => {
    const finding = await find(what, work);
    findings.push(finding);
    onFinding?.(finding);
    return finding.outcome === "holds";
  };
  const context = { ...replayer, snapshot, look, signal: { signal: options.signal } };
  const sessions: ReplayedSession[] = [];
  if (wanted === undefined) {
    for (const session of snapshot.sessions) sessions.push(await replayOnLedger(context, session));
    if (snapshot.sessions.length === 0) {
      await look("sessions", async () => {
        throw new P8eError("verify.unchecked", "the scope has no session: there is nothing to replay");
      });
    }
  } else {
    const found = snapshot.sessions.find((each) => metadataAddressFromBytes(each.sessionId) === wanted);
    sessions.push(found === undefined ? await replayFromMemory(context, wanted) : await replayOnLedger(context, found));
  }
  const outcome = worstOutcome(findings);
  return { scope: address, outcome, ok: outcome === "holds", findings, sessions };
}

interface Context extends Replayer {
  readonly snapshot: ScopeSnapshot;
  /** @returns whether it holds */
  readonly look: (what: string, work: () => Promise<string>) => Promise<boolean>;
  readonly signal: { readonly signal?: AbortSignal | undefined };
}

async function replayOnLedger(context: Context, session: metadata.Session): Promise<ReplayedSession> {
  const { snapshot, chain } = context;
  const address = metadataAddressFromBytes(session.sessionId) as SessionAddress;
  let evidence: Evidence | undefined;
  await context.look(`evidence of session ${session.name}`, async () => {
    const hash = evidenceHashOf(session.context);
    if (hash === undefined) {
      throw new P8eError("verify.unchecked", "the session names no evidence: what was executed is not known", {
        facts: { session: address },
      });
    }
    const stored = await fetchBytes(context, hash);
    const agreed = session.context[0] === AGREEMENT_CONTEXT_VERSION;
    const found = decodeEvidence(agreed ? openAgreementEvidence(stored) : stored);
    requireSameSession(found, verifyEvidence(found), session, { scope: snapshot.address, prefix: chain.accountPrefix });
    evidence = found;
    return "is signed by all its parties";
  });
  const functions = evidence === undefined ? [] : await replayEvidence(context, session.name, evidence);
  const records = snapshot.records.filter((each) => equalBytes(each.sessionId, session.sessionId));
  for (const { name, outputs, process } of functions.length === 0 ? [] : records) {
    await context.look(`record "${name}"`, async () => {
      const again = functions.find((each) => each.function === process?.method)?.replayed.hash;
      if (again !== undefined && again === outputs[0]?.hash) return "is what its function gives again";
      throw new P8eError(
        "verify.failed",
        "the ledger names another output than its function gives when it is replayed",
        {
          facts: { record: name, ledger: outputs[0]?.hash, replayed: again },
        },
      );
    });
  }
  return { session: address, contract: session.name, source: "ledger", functions };
}

/** A session whose records were all replaced is not on the ledger any more; whoever wrote it remembers what was signed. */
async function replayFromMemory(context: Context, session: SessionAddress): Promise<ReplayedSession> {
  const { snapshot, state } = context;
  const parts = metadataAddressParts(session);
  const remembered = parts.uuid === snapshot.uuid ? await state?.committedIn(parts.sessionUuid!) : undefined;
  if (remembered === undefined) {
    throw new P8eError("ledger.not_found", "the scope has no such session, and this party does not remember one", {
      facts: { scope: snapshot.address, session },
      hint: "If all its records were replaced, it is on the ledger as of an earlier block: name one with --height.",
    });
  }
  const { contract } = remembered;
  let evidence: Evidence | undefined;
  await context.look(`evidence of session ${contract}`, async () => {
    const found = decodeEvidence(remembered.envelope);
    verifyEvidence(found);
    const { ref } = found.envelope;
    if (ref?.scopeUuid?.value !== snapshot.uuid || ref.sessionUuid?.value !== parts.sessionUuid) {
      throw new P8eError("verify.failed", "the evidence belongs to another session");
    }
    evidence = found;
    return "is signed by all its parties, and remembered here; its records were replaced since";
  });
  const functions = evidence === undefined ? [] : await replayEvidence(context, contract, evidence);
  return { session, contract, source: "memory", functions };
}

async function replayEvidence(
  context: Context,
  name: string,
  { contract }: Evidence,
): Promise<readonly ReplayedFunction[]> {
  let loaded: LoadedContract | undefined;
  await context.look(`code of ${name}`, async () => {
    loaded = await loadCode(context, contract);
    return "is there, has the hash that was signed, and can be run";
  });
  const objects = await fetchValues(context, name, contract);
  if (loaded === undefined || objects === undefined) return [];
  const execution = {
    contract: withoutResults(contract),
    loaded,
    objects,
    // What comes out is compared, not kept: nobody signs it.
    sign: async () => create(scope.SignatureSchema),
  };
  let functions: readonly ReplayedFunction[] = [];
  await context.look(`execution of ${name}`, async () => {
    const replayed = await executeContract(context.sandbox, execution, context.signal);
    functions = compareReplay(contract, replayed.contract);
    return `ran again: ${functions.length} ${functions.length === 1 ? "function" : "functions"}`;
  });
  // Of those that a refusal kept from running nothing can be said.
  const isRefused = functions.some(({ replayed }) => replayed.outcome === "FAIL");
  for (const each of functions) {
    if (!isRefused || each.replayed.outcome !== "NONE") await lookAtFunction(context, each);
  }
  return functions;
}

async function lookAtFunction({ look }: Context, replayed: ReplayedFunction): Promise<void> {
  const name = replayed.function;
  const { signed, replayed: again } = replayed;
  const differences = differencesOf(replayed);
  if (differences.length === 0) {
    const fuel = signed.fuel === undefined ? "" : `, for ${signed.fuel} fuel`;
    const same = signed.outcome === "PASS" ? `gives the same "${replayed.record}"${fuel}` : "is passed over again";
    await look(`function ${name}`, async () => same);
  }
  for (const difference of differences) {
    await look(`${difference} of ${name}`, async () => {
      if (difference === "fuel") {
        throw new P8eError("contract.metering_differs", `was signed with ${signed.fuel} fuel and takes ${again.fuel}`, {
          facts: { functions: [name] },
        });
      }
      if (difference === "output") {
        throw new P8eError("verify.failed", "another output was signed than the function gives", {
          facts: { function: name, signed: signed.hash, replayed: again.hash },
        });
      }
      const why = again.message === undefined ? "" : ` (${again.message})`;
      throw new P8eError("verify.failed", `was signed as ${signed.outcome} and comes to ${again.outcome}${why}`, {
        facts: { function: name, signed: signed.outcome, replayed: again.outcome },
      });
    });
  }
}

/** @throws `verify.unchecked` for code that cannot be run here any more */
async function loadCode(context: Context, contract: scope.Contract): Promise<LoadedContract> {
  const hash = parseContentHash(contract.spec?.dataLocation?.ref?.hash ?? "");
  const code = await fetchContractCode(context, hash, context.signal);
  if (isArchive(code.bundle)) {
    throw new P8eError("verify.unchecked", "the code is an archive for the JVM, which cannot run here", {
      facts: { code: code.bundleHash },
    });
  }
  try {
    return await loadContractCode(context, code, context.signal);
  } catch (cause) {
    if (!isP8eError(cause) || cause.code !== "session.not_supported") throw cause;
    throw new P8eError("verify.unchecked", `${cause.message}, whose interpreter is not here`, {
      cause,
      facts: cause.facts,
    });
  }
}

/** Every value that the contract names; undefined when one cannot be had, each with a finding of its own. */
async function fetchValues(
  context: Context,
  name: string,
  contract: scope.Contract,
): Promise<ReadonlyMap<ContentHash, Uint8Array> | undefined> {
  const wanted = new Map<string, string>();
  for (const { name: record, dataLocation } of contract.inputs) {
    const hash = dataLocation?.ref?.hash ?? "";
    if (hash !== "") wanted.set(hash, `record "${record}" that ${name} read`);
  }
  for (const { name: input, hash } of contract.considerations.flatMap((each) => each.inputs)) {
    if (!wanted.has(hash)) wanted.set(hash, `input "${input}" of ${name}`);
  }
  const objects = new Map<ContentHash, Uint8Array>();
  let isComplete = true;
  for (const [hash, what] of wanted) {
    const isThere = await context.look(what, async () => {
      const parsed = parseContentHash(hash);
      const bytes = await fetchBytes(context, parsed);
      objects.set(parsed, bytes);
      return `is there: ${bytes.length} bytes with the hash that was signed`;
    });
    isComplete &&= isThere;
  }
  return isComplete ? objects : undefined;
}

async function fetchBytes({ store, key, signal }: Context, hash: ContentHash): Promise<Uint8Array> {
  return await store.getBytes(hash, { key, ...signal });
}
