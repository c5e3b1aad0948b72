import type { StoreConfiguration } from "../configuration.ts";
import type { EndedCall, EndedSend } from "../domain/call-facts.ts";
import type { Log } from "../log.ts";
import type { Database } from "../postgres/database.ts";
import type { StoreClock } from "../store-clock.ts";
import { AccessLog } from "./access-log.ts";
import { type AdminListener, openAdminListener } from "./admin-listener.ts";
import { BacklogReader } from "./backlog-reader.ts";
import { watchEventLoop } from "./event-loop-delay.ts";
import { StoreMetrics } from "./store-metrics.ts";

/** What is watched. */
export interface WatchedStore {
  readonly database: Database;
  readonly health: () => Readonly<Record<"database" | "storage" | "schema" | "draining", boolean>>;
  readonly maintenance: () => boolean;
  readonly clock: StoreClock;
  readonly log: Log;
}

/** Who hears of what a store does: its metrics when somebody can ask for them, and its access log when it keeps one. */
export class StoreWatch implements AsyncDisposable {
  readonly #opened: AsyncDisposableStack;
  readonly #metrics: StoreMetrics | undefined;
  readonly #accessLog: AccessLog | undefined;
  readonly #listener: AdminListener | undefined;

  private constructor(
    opened: AsyncDisposableStack,
    { metrics, accessLog, listener }: { metrics?: StoreMetrics; accessLog?: AccessLog; listener?: AdminListener },
  ) {
    this.#opened = opened;
    this.#metrics = metrics;
    this.#accessLog = accessLog;
    this.#listener = listener;
  }

  /** @throws `configuration.invalid` (access log), `rpc.unavailable` (the admin listener's address) */
  static async open(
    { admin, accessLog: settings }: Pick<StoreConfiguration, "admin" | "accessLog">,
    store: WatchedStore,
  ): Promise<StoreWatch> {
    const { clock, log } = store;
    await using opened = new AsyncDisposableStack();
    const accessLog = settings && opened.use(await AccessLog.open(settings, { log, now: () => clock.now() }));
    const parts = accessLog === undefined ? {} : { accessLog };
    if (admin === undefined) return new StoreWatch(opened.move(), parts);
    const backlog = new BacklogReader(store.database, clock, log);
    const metrics = new StoreMetrics({
      pool: () => store.database.pool,
      health: store.health,
      maintenance: store.maintenance,
      backlog: () => backlog.last,
      accessLogDropped: () => accessLog?.dropped ?? 0,
      now: () => clock.now(),
    });
    opened.use(watchEventLoop(metrics.loopDelay, clock));
    const answers = {
      health: store.health,
      metrics: async () => {
        await backlog.refresh();
        return metrics.text();
      },
    };
    const listener = opened.use(await openAdminListener(admin, answers, log));
    return new StoreWatch(opened.move(), { ...parts, metrics, listener });
  }

  /** Where metrics and health are told. */
  get adminPort(): number | undefined {
    return this.#listener?.port;
  }

  /** Whether anybody wants to hear of calls. */
  get listens(): boolean {
    return this.#metrics !== undefined || this.#accessLog !== undefined;
  }

  callEnded(call: EndedCall): void {
    this.#metrics?.callEnded(call);
    this.#accessLog?.callEnded(call);
  }

  sendEnded(send: EndedSend): void {
    this.#metrics?.sendEnded(send);
    this.#accessLog?.sendEnded(send);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}
