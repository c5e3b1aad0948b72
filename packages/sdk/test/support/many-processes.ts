import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { buildContract } from "@p8e/contract";
import { parseUuid, type ScopeSpecificationAddress, scopeAddress } from "@p8e/core";
import { contractEntry, greet, PersonSchema, scopeSpecification } from "@p8e/example-hello";
import { type Execution, P8eClient, type SessionScope } from "@p8e/sdk";
import { executionsStep } from "../../src/state/migrations/0001-executions.ts";
import { openWorld, type World } from "../world-fixture.ts";
import type { SessionReport, SessionWork } from "./session-process.ts";

/** Resumed, prepared, six objects shared, the cost told, and done. */
const STEPS = 10;

interface Ended {
  readonly prepared: Extract<SessionReport, { kind: "prepared" }> | undefined;
  readonly done: Extract<SessionReport, { kind: "done" }> | undefined;
  readonly signal: string | null;
  readonly errors: string;
}

class SessionProcess {
  readonly #child: ChildProcess;
  readonly #reports: SessionReport[] = [];
  readonly #ended: Promise<unknown>;
  #errors = "";

  constructor(work: SessionWork) {
    const file = new URL("session-process.ts", import.meta.url);
    this.#child = fork(file, [JSON.stringify(work)], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child.on("message", (report: SessionReport) => this.#reports.push(report));
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#ended = once(this.#child, "close");
  }

  async ready(): Promise<void> {
    await Promise.race([once(this.#child, "message"), this.#ended]);
    assert.equal(this.#reports.at(-1)?.kind, "ready", this.#errors);
  }

  /** @param killAfterMs kills it that long after it was told to begin, wherever it is then */
  async run(killAfterMs?: number): Promise<Ended> {
    this.#child.send("begin");
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => this.kill(), killAfterMs);
    await this.#ended;
    clearTimeout(timer);
    const of = <K extends SessionReport["kind"]>(kind: K) =>
      this.#reports.find((report): report is Extract<SessionReport, { kind: K }> => report.kind === kind);
    return { prepared: of("prepared"), done: of("done"), signal: this.#child.signalCode, errors: this.#errors };
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

interface Round {
  readonly seed: number;
  readonly count: number;
  readonly killed: number;
  /** Killed after a time that the seed gives, wherever they are then; else at a step. */
  readonly anywhere?: boolean;
}

/** About as long as a few processes take for their sessions. */
const KILLED_WITHIN_MS = 3000;

/**
 * Processes of one party on one state file of format 1, in which a session was left signed: they all begin at once, one
 * of them brings the file to today's format, one completes that session, and some are killed.
 */
export function manyProcesses(rounds: readonly Round[]) {
  describe("processes of one party on one state file", () => {
    let world: World;
    let specification: ScopeSpecificationAddress;
    const running = new Set<SessionProcess>();

    before(async () => {
      world = await openWorld();
      const { publisher } = world.lender.client;
      const built = await buildContract({ entry: contractEntry, describe: (bundle) => world.sandbox.describe(bundle) });
      const plan = await publisher.plan({ built, scopes: [scopeSpecification], audience: [] });
      await publisher.publish(plan);
      specification = plan.scopes[0]!;
    });
    after(async () => {
      for (const each of running) each.kill();
      await world?.[Symbol.asyncDispose]();
    });

    for (const { seed, count, killed, anywhere = false } of rounds) {
      it(`${count} at once, ${killed} of them killed, on a file that must be upgraded (seed ${seed})`, async (t) => {
        const statePath = join(world.folder, `many-${seed}.sqlite`);
        const old = await leaveSigned(world, specification, statePath);
        const unit = anywhere ? KILLED_WITHIN_MS : STEPS;
        const deaths = Array.from({ length: killed }, (_, index) => 1 + ((seed * (index + 1) + index * 7) % unit));
        t.diagnostic(`they die ${anywhere ? "after" : "at the steps"} ${deaths.join(", ")}${anywhere ? " ms" : ""}`);
        const { ledgerUrl, lender } = world;
        const all = Array.from({ length: count }, (_, index) => {
          const death = deaths[index];
          return new SessionProcess({
            ...{ ledgerUrl, storeUrl: lender.store.url, statePath, privateKeys: lender.privateKeys, specification },
            name: `person ${index} of ${seed}`,
            ...(death === undefined || anywhere ? {} : { diesAt: death }),
          });
        });
        for (const each of all) running.add(each);
        await Promise.all(all.map((each) => each.ready()));
        const ends = await Promise.all(all.map((each, index) => each.run(anywhere ? deaths[index] : undefined)));
        running.clear();

        for (const [index, { signal, done, errors }] of ends.entries()) {
          if (index < killed && !(anywhere && done !== undefined)) assert.equal(signal, "SIGKILL", errors);
          else assert.ok(done !== undefined, `process ${index} was not done: ${errors}`);
        }
        await using state = lender.openState(statePath);
        const { sessions } = new P8eClient({ ...lender.client.parts, state });
        const last = await sessions.resume();
        assert.deepEqual(
          last.map(({ error }) => error),
          last.map(() => undefined),
        );
        const states = new Map((await state.list(["committed", "failed"])).map((each) => [each.uuid, each]));
        assert.equal((await state.list(["created", "signed", "broadcasting"])).length, 0);
        assert.equal(await onLedger(old.scopeUuid), 1);
        assert.equal(states.get(old.uuid)?.state, "committed");
        for (const { prepared, done } of ends) {
          if (prepared === undefined) continue;
          const execution = states.get(parseUuid(prepared.execution));
          const times = await onLedger(prepared.scope);
          if (done !== undefined) assert.equal(execution?.state, "committed");
          // A killed one is on the ledger once, or given up, or was killed before it began to store.
          assert.equal(
            times,
            execution?.state === "committed" ? 1 : 0,
            `${execution?.state} and ${times} times on the ledger`,
          );
        }
        await state[Symbol.asyncDispose]();
        const left = readdirSync(dirname(statePath)).filter((name) => name.startsWith(`${basename(statePath)}-owner-`));
        assert.deepEqual(left, []);
      });
    }

    /** How many sessions a scope has; each must be of the first version. */
    async function onLedger(scopeUuid: string): Promise<number> {
      const found = await world.chain.metadata.scope(scopeAddress(parseUuid(scopeUuid)), { sessions: true });
      for (const session of found?.sessions ?? []) assert.equal(session.audit?.version, 1);
      return found?.sessions.length ?? 0;
    }
  });
}

/** A file of format 1 with one execution, signed and never sent. */
async function leaveSigned(
  world: World,
  specification: ScopeSpecificationAddress,
  statePath: string,
): Promise<Execution> {
  const { affiliate, client } = world.lender;
  const { sessions, parts } = client;
  const scope: SessionScope = { kind: "new", specification };
  const prepared = await sessions.prepare({
    ...{ contract: await sessions.find(greet, scope), scope },
    participants: new Map([["OWNER", affiliate]]),
    proposals: { person: create(PersonSchema, { name: "left" }) },
  });
  const priced = await sessions.price(await sessions.execute(prepared));
  const stop = new Error("it stops here");
  await assert.rejects(
    sessions.memorialize(priced, {
      onCost: () => {
        throw stop;
      },
    }),
  );
  // So that only the file of format 1 knows of it.
  await parts.state.claim(prepared.executionUuid);
  await parts.state.advance(prepared.executionUuid, "signed", { to: "failed", reason: "copied" });
  const execution = (await parts.state.get(prepared.executionUuid))!;
  const database = new DatabaseSync(statePath);
  executionsStep.up({ exec: (sql) => database.exec(sql), run: () => undefined }, parts.state.origin);
  database.exec("PRAGMA user_version = 1");
  const { uuid, scopeUuid, sessionUuid, contract, envelope } = execution;
  database
    .prepare(
      `INSERT INTO execution (uuid, state, scope_uuid, session_uuid, contract, envelope, created_at_ms, updated_at_ms)
       VALUES (?, 'signed', ?, ?, ?, ?, 1, 1)`,
    )
    .run(uuid, scopeUuid, sessionUuid, contract, envelope);
  database.close();
  return execution;
}
