import { type Log, reasonOf } from "../log.ts";
import type { Database } from "./database.ts";
import type { StoreBus } from "./store-bus.ts";

/** The store's maintenance flag: a row that all its processes follow. It stops put, key registration and ack. */
export class Maintenance {
  readonly #database: Database;
  readonly #bus: StoreBus;
  readonly #log: Log;
  #on = false;

  private constructor(database: Database, bus: StoreBus, log: Log) {
    this.#database = database;
    this.#bus = bus;
    this.#log = log;
  }

  static async open(database: Database, bus: StoreBus, startOn: boolean, log: Log): Promise<Maintenance> {
    const maintenance = new Maintenance(database, bus, log);
    bus.onEvent((event) => {
      if (event.kind === "maintenance") void maintenance.#follow();
    });
    bus.onOpen(() => void maintenance.#follow());
    maintenance.#on = await maintenance.#read();
    if (startOn && !maintenance.#on) await maintenance.set(true);
    return maintenance;
  }

  get on(): boolean {
    return this.#on;
  }

  async set(on: boolean): Promise<void> {
    await this.#database.transaction(async (connection) => {
      await connection.query({
        text: "UPDATE p8e_store SET maintenance = $1, maintenance_changed_at = now()",
        values: [on],
      });
      await connection.query(this.#bus.announcement({ kind: "maintenance" }));
    });
    this.#on = on;
    this.#log("info", on ? "maintenance is on" : "maintenance is off");
  }

  async #read(): Promise<boolean> {
    const { rows } = await this.#database.query<{ maintenance: boolean }>({
      text: "SELECT maintenance FROM p8e_store",
    });
    return rows[0]?.maintenance === true;
  }

  async #follow(): Promise<void> {
    try {
      this.#on = await this.#read();
    } catch (error) {
      this.#log("warn", "could not read the maintenance flag", { reason: reasonOf(error) });
    }
  }
}
