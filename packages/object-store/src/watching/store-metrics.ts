import type { EndedCall, EndedSend } from "../domain/call-facts.ts";
import type { ReplicationPeer } from "../postgres/replication-peers.ts";
import type { ScrubProgress } from "../postgres/scrub-rows.ts";
import { MetricSet } from "./metrics.ts";

/** Seconds: from a put that shares its commit to an upload of an hour. */
const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600] as const;
const LOOP_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] as const;
/** Other stores whose names stand in the metrics, at most: anybody who may register a key may name one. */
export const PEERS_MAX = 200;

/** What is read from the database when somebody asks, and now and then stays unknown because it does not answer. */
export interface Backlog {
  readonly peers: readonly ReplicationPeer[];
  readonly openMail: number;
  readonly damage: Readonly<Record<"missing" | "damaged", number>>;
  readonly scrub: ScrubProgress;
  /** Milliseconds since 1970. */
  readonly readAt: number;
}

/** What is read from the process when somebody asks. */
export interface StoreGauges {
  readonly pool: () => { readonly total: number; readonly idle: number; readonly waiting: number };
  readonly health: () => Readonly<Record<"database" | "storage" | "schema" | "draining", boolean>>;
  readonly maintenance: () => boolean;
  readonly backlog: () => Backlog | undefined;
  readonly accessLogDropped: () => number;
  readonly now: () => number;
}

/** Everything that a store counts about itself. Names and labels are an interface: `docs/protocol/object-store.md`. */
export class StoreMetrics {
  readonly #set = new MetricSet();
  readonly #calls = this.#set.counter("p8e_store_calls_total", "Calls that have ended, by how.", ["method", "status"]);
  readonly #seconds = this.#set.histogram(
    "p8e_store_call_seconds",
    "How long calls took, from their headers to their end.",
    CALL_SECONDS,
    ["method"],
  );
  readonly #errors = this.#set.counter("p8e_store_errors_total", "Calls that ended with an error, by its code.", [
    "code",
  ]);
  readonly #received = this.#set.counter("p8e_store_received_bytes_total", "Bytes of objects that came in with puts.");
  readonly #sent = this.#set.counter(
    "p8e_store_sent_bytes_total",
    "Bytes of objects that went out to readers, mail included.",
  );
  readonly #sends = this.#set.counter(
    "p8e_store_replication_sends_total",
    "Objects sent to other stores, by what came of it.",
    ["peer", "outcome"],
  );
  readonly #sendBytes = this.#set.counter(
    "p8e_store_replication_bytes_total",
    "Bytes of objects delivered to other stores.",
    ["peer"],
  );
  readonly #sendSeconds = this.#set.histogram(
    "p8e_store_replication_seconds",
    "How long it took to send an object to another store.",
    CALL_SECONDS,
  );
  /** How late timers fired, in seconds. */
  readonly loopDelay = this.#set
    .histogram("p8e_store_event_loop_delay_seconds", "How late a timer fired that was due every 100 ms.", LOOP_SECONDS)
    .of("");
  readonly #peers = new Set<string>();

  constructor(gauges: StoreGauges) {
    this.#describeProcess(gauges);
    this.#describeBacklog(gauges);
  }

  callEnded({ method, status, durationMs, errorCode, facts }: EndedCall): void {
    // Anybody may call what is not there; only what is gets a name of its own.
    const name = status === "UNIMPLEMENTED" ? "other" : method.slice(1);
    this.#calls.add(1, name, status);
    this.#seconds.of(name).observe(durationMs / 1000);
    if (errorCode !== undefined) this.#errors.add(1, errorCode);
    if (facts === undefined) return;
    if (facts.receivedBytes > 0) this.#received.add(facts.receivedBytes);
    if (facts.sentBytes > 0) this.#sent.add(facts.sentBytes);
  }

  sendEnded({ url, outcome, bytes, durationMs }: EndedSend): void {
    if (this.#peers.size < PEERS_MAX) this.#peers.add(url);
    const peer = this.#peers.has(url) ? url : "other";
    this.#sends.add(1, peer, outcome);
    this.#sendSeconds.of("").observe(durationMs / 1000);
    if (outcome === "delivered") this.#sendBytes.add(bytes, peer);
  }

  /** As an answer to a scrape. */
  text(): string {
    return this.#set.text();
  }

  #describeProcess({ pool, health, maintenance, accessLogDropped }: StoreGauges): void {
    const set = this.#set;
    set.gauge("p8e_store_ready", "1 while the part works: the store serves when all of them do.", () => {
      const { draining, ...parts } = health();
      return [
        ...Object.entries(parts).map(([part, works]) => ({ labels: { part }, value: works ? 1 : 0 })),
        { labels: { part: "process" }, value: draining ? 0 : 1 },
      ];
    });
    set.gauge("p8e_store_maintenance", "1 while the store is in maintenance.", () => (maintenance() ? 1 : 0));
    set.gauge("p8e_store_pool_connections", "Connections to the database.", () => {
      const { total, idle } = pool();
      return [
        { labels: { state: "busy" }, value: total - idle },
        { labels: { state: "idle" }, value: idle },
      ];
    });
    set.gauge("p8e_store_pool_waiting", "Statements that wait for a connection.", () => pool().waiting);
    set.countedElsewhere(
      "p8e_store_access_log_dropped_total",
      "Lines that the access log could not take.",
      accessLogDropped,
    );
    set.gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
    set.countedElsewhere("process_cpu_seconds_total", "CPU time, user and system.", () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    set.gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", () =>
      Math.round(performance.timeOrigin / 1000),
    );
  }

  #describeBacklog({ backlog, now }: StoreGauges): void {
    const set = this.#set;
    const ofPeers = (value: (peer: ReplicationPeer) => number) => () =>
      backlog()
        ?.peers.slice(0, PEERS_MAX)
        .map((peer) => ({ labels: { peer: peer.url }, value: value(peer) }));
    set.gauge(
      "p8e_store_replication_waiting",
      "Deliveries still to be made: an object for one key.",
      ofPeers((peer) => peer.waiting),
    );
    set.gauge(
      "p8e_store_replication_set_aside",
      "Deliveries that were refused too often.",
      ofPeers((peer) => peer.setAside),
    );
    set.gauge(
      "p8e_store_replication_lag_seconds",
      "How long the oldest delivery has waited that is still to be made.",
      ofPeers(({ waitingSince: since }) => (since === undefined ? 0 : Math.max(0, now() - since) / 1000)),
    );
    set.gauge("p8e_store_replication_peer", "1 for the state that a peer is in.", () =>
      backlog()
        ?.peers.slice(0, PEERS_MAX)
        .map(({ url, state }) => ({ labels: { peer: url, state }, value: 1 })),
    );
    set.gauge("p8e_store_replication_peers", "Stores that registered keys live at.", () => backlog()?.peers.length);
    set.gauge("p8e_store_mail_open", "Mails that nobody has acknowledged.", () => backlog()?.openMail);
    set.gauge("p8e_store_damaged_objects", "Objects whose stored bytes are missing or damaged.", () => {
      const damage = backlog()?.damage;
      return damage && Object.entries(damage).map(([kind, value]) => ({ labels: { kind }, value }));
    });
    set.gauge(
      "p8e_store_scrub_round_ended_seconds",
      "When every object had last been read again, in seconds since 1970.",
      () => {
        const endedAt = backlog()?.scrub.roundEndedAt;
        return endedAt === undefined ? undefined : endedAt / 1000;
      },
    );
    set.gauge("p8e_store_scrub_round_bytes", "Bytes read again in the round under way.", () => backlog()?.scrub.bytes);
    set.gauge(
      "p8e_store_backlog_read_seconds",
      "When queues and mail were last read from the database, in seconds since 1970.",
      () => {
        const read = backlog();
        return read === undefined ? undefined : read.readAt / 1000;
      },
    );
  }
}
