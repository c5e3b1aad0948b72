import { hasCode, type Uuid } from "@p8e/core";
import { damageOf } from "../domain/damage.ts";
import { reasonOf } from "../log.ts";
import { clearDamage, dueRepairs } from "../postgres/damage-rows.ts";
import { findByUuid } from "../postgres/object-rows.ts";
import { beginRound, endRound, noteScrubbed, objectsAfter, scrubProgress } from "../postgres/scrub-rows.ts";
import { type StoreClock, sleepOrStop } from "../store-clock.ts";
import { type CheckParts, confirmDamage, damageIn } from "./check-object.ts";
import { Pace } from "./pace.ts";
import { type RepairParts, repairFromPeers } from "./repair-from-peers.ts";

/** How much of the disk's time is spent on looking, and how often everything is looked at. */
export interface ScrubSettings {
  /** 0: nothing is looked at by itself. */
  readonly bytesPerSecond: number;
  /** From the begin of one round to that of the next. */
  readonly roundMs: number;
  /** Whether other stores are asked for what is damaged. */
  readonly repair: boolean;
}

/** What a scrubber needs of the store. */
export interface ScrubberParts extends RepairParts {
  readonly settings: ScrubSettings;
  readonly clock: StoreClock;
}

const PAGE = 100;
const REPAIRS_AT_ONCE = 20;
/** A store that has just begun has other things to do. */
const FIRST_MS = 60_000;
const LOOK_MS = 60_000;
/** Objects that a reader found damaged and that are still to be looked at again. */
const SUSPECTS_MAX = 1000;

/**
 * Reads every object again, slowly, round after round, and writes down which are missing or damaged; asks other stores for
 * those. One process of a store does it at a time, which its claim says; an interrupted round goes on where it was.
 *
 * Memory: one object that lives in the database, or one chunk of another.
 */
export class Scrubber implements AsyncDisposable {
  readonly #parts: ScrubberParts;
  readonly #stopped = new AbortController();
  readonly #suspects = new Set<Uuid>();
  #wake = new AbortController();
  #suspecting: Promise<void> | undefined;
  readonly #running: Promise<void>;

  constructor(parts: ScrubberParts) {
    this.#parts = parts;
    parts.bus.onEvent((event) => {
      if (event.kind === "heal") this.#wake.abort();
    });
    this.#running = parts.settings.bytesPerSecond > 0 ? this.#loop() : Promise.resolve();
  }

  /** A reading of the object failed: if that is the object's fault, it is looked at again and written down. */
  suspect(uuid: Uuid, thrown: unknown): void {
    if (damageOf(thrown) === undefined || this.#suspects.size >= SUSPECTS_MAX) return;
    this.#suspects.add(uuid);
    this.#suspecting ??= this.#confirmSuspects().finally(() => {
      this.#suspecting = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    this.#wake.abort();
    await this.#suspecting;
    await this.#running;
  }

  async #confirmSuspects(): Promise<void> {
    for (const uuid of this.#suspects) {
      await confirmAndTell(this.#parts, uuid, this.#stopped.signal).catch((error: unknown) => {
        this.#parts.log("warn", "could not look at a damaged object again", { object: uuid, reason: reasonOf(error) });
      });
      this.#suspects.delete(uuid);
      if (this.#stopped.signal.aborted) return;
    }
    this.#wake.abort();
  }

  async #loop(): Promise<void> {
    const { settings, bus, log } = this.#parts;
    const stopped = this.#stopped.signal;
    await this.#sleep(Math.min(FIRST_MS, settings.roundMs));
    while (!stopped.aborted) {
      const claim = await bus.claim("scrub").catch(() => undefined);
      if (claim !== undefined) {
        const ended = AbortSignal.any([claim.lost, stopped]);
        try {
          await this.#work(ended);
        } catch (error) {
          if (!ended.aborted) log("warn", "looking at stored objects was interrupted", { reason: reasonOf(error) });
        } finally {
          await claim.release();
        }
      }
      if (!stopped.aborted) await this.#sleep(Math.min(LOOK_MS, settings.roundMs));
    }
  }

  /** Asks for what is due, and does or goes on with a round when it is time. */
  async #work(signal: AbortSignal): Promise<void> {
    const { settings, database, clock } = this.#parts;
    await this.#repairDue(signal);
    const progress = await scrubProgress(database);
    if (!progress.underWay) {
      if (clock.now() - progress.roundBeganAt < settings.roundMs) return;
      await beginRound(database);
    }
    await scrubRound(this.#parts, signal, () => this.#repairDue(signal));
  }

  async #repairDue(signal: AbortSignal): Promise<void> {
    if (!this.#parts.settings.repair) return;
    for (const uuid of await dueRepairs(this.#parts.database, REPAIRS_AT_ONCE)) {
      signal.throwIfAborted();
      await repairFromPeers(this.#parts, uuid, signal);
    }
  }

  async #sleep(milliseconds: number): Promise<void> {
    this.#wake = new AbortController();
    if (this.#stopped.signal.aborted) return;
    await sleepOrStop(this.#parts.clock, milliseconds, this.#wake.signal);
  }
}

/** The round that is under way, from where it was to its end. `between` is awaited after each page. */
export async function scrubRound(
  parts: Pick<ScrubberParts, "database" | "storage" | "settings" | "clock" | "log">,
  signal: AbortSignal,
  between: () => Promise<void> = async () => {},
): Promise<void> {
  const { database, settings, clock } = parts;
  const pace = new Pace(settings.bytesPerSecond, clock);
  let { after } = await scrubProgress(database);
  for (;;) {
    const page = await objectsAfter(database, after, PAGE);
    let bytes = 0;
    const whole: Uuid[] = [];
    for (const uuid of page) {
      const spend = (count: number) => {
        bytes += count;
        return pace.spend(count, signal);
      };
      signal.throwIfAborted();
      if (await isWhole(parts, uuid, spend, signal)) whole.push(uuid);
    }
    signal.throwIfAborted();
    await clearDamage(database, whole);
    after = page.at(-1);
    if (after !== undefined) await noteScrubbed(database, { after, objects: page.length, bytes });
    await between();
    if (page.length < PAGE) return endRound(database);
  }
}

async function isWhole(
  parts: CheckParts & Pick<ScrubberParts, "log">,
  uuid: Uuid,
  spend: (bytes: number) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  const object = await findByUuid(parts.database, uuid);
  if (object === undefined) return true; // it is gone, and nothing is wrong with it
  try {
    if ((await damageIn(parts.storage, object, { spend, signal })) === undefined) return true;
  } catch (error) {
    // One object that cannot be read just now does not keep the others from being looked at.
    if (signal.aborted || !hasCode(error, "store.storage")) throw error;
    parts.log("warn", "a stored object cannot be read", { object: uuid, reason: reasonOf(error) });
    return false;
  }
  await confirmAndTell(parts, uuid, signal);
  return false;
}

async function confirmAndTell(
  parts: CheckParts & Pick<ScrubberParts, "log">,
  uuid: Uuid,
  signal: AbortSignal,
): Promise<void> {
  const found = await confirmDamage(parts, uuid, signal);
  if (found?.fresh) {
    parts.log("error", "a stored object is damaged", {
      object: uuid,
      kind: found.damage.kind,
      reason: found.damage.reason,
    });
  }
}
