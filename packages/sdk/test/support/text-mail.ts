import { DatabaseSync } from "node:sqlite";
import { P8eError, parseUuid } from "@p8e/core";
import type { KeyReference } from "@p8e/crypto";
import { type Mail, type ObjectClient, openMail } from "@p8e/object-client";
import type { MailHandler, Quarantine } from "@p8e/sdk";

/** What a letter of these tests says: `THREAD NUMBER`. */
export interface Said {
  readonly thread: string;
  readonly number: number;
}

/** Letters that say something, whose effect is a row: durable, and with the letter's id, as an agreement's is. */
export class TextMail implements MailHandler<Said | "repeated">, Disposable {
  readonly #database: DatabaseSync;
  readonly #key: KeyReference;
  readonly #partners: ReadonlySet<string>;
  /** Threads whose letters fail for now. */
  readonly failing = new Set<string>();
  opened = 0;

  constructor(path: string, key: KeyReference, partners: Iterable<string>) {
    this.#key = key;
    this.#partners = new Set(partners);
    this.#database = new DatabaseSync(path, { timeout: 30_000 });
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS effect (id INTEGER PRIMARY KEY, mail TEXT UNIQUE, thread TEXT, number INTEGER) STRICT;
      CREATE TABLE IF NOT EXISTS quarantine (mail TEXT PRIMARY KEY, json TEXT) STRICT;
    `);
  }

  async mayWrite(sender: string): Promise<boolean> {
    return this.#partners.has(sender);
  }

  async threadOf(mail: Mail): Promise<string> {
    return (await this.#read(mail)).thread;
  }

  async receive(mail: Mail): Promise<Said | "repeated"> {
    this.opened += 1;
    const said = await this.#read(mail);
    if (this.failing.has(said.thread)) throw new P8eError("state.conflict", "not now");
    const sql = "INSERT INTO effect (mail, thread, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    const { changes } = this.#database.prepare(sql).run(mail.uuid, said.thread, said.number);
    return Number(changes) === 1 ? said : "repeated";
  }

  /** Everything that has had an effect, in its order. */
  get effects(): readonly Said[] {
    const rows = this.#database.prepare("SELECT thread, number FROM effect ORDER BY id").all();
    return rows.map(({ thread, number }) => ({ thread: String(thread), number: Number(number) }));
  }

  readonly quarantine: Quarantine = {
    add: async (mail) => {
      const sql = "INSERT INTO quarantine (mail, json) VALUES (?, ?) ON CONFLICT DO NOTHING";
      this.#database.prepare(sql).run(mail.uuid, JSON.stringify(mail));
    },
    has: async (uuid) => this.#database.prepare("SELECT 1 FROM quarantine WHERE mail = ?").get(uuid) !== undefined,
    list: async () =>
      this.#database
        .prepare("SELECT json FROM quarantine")
        .all()
        .map(({ json }) => {
          const row = JSON.parse(String(json));
          return { ...row, uuid: parseUuid(row.uuid) };
        }),
  };

  async #read(mail: Mail): Promise<Said> {
    const { plaintext } = await openMail(mail, this.#key);
    const match = /^(\w+) (\d+)$/.exec(new TextDecoder().decode(plaintext));
    if (match === null) throw new P8eError("envelope.malformed", "it says\u0007 nothing");
    return { thread: match[1]!, number: Number(match[2]) };
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** A letter that says `text`. */
export function writeLetter(store: ObjectClient, from: KeyReference, to: KeyReference, text: string) {
  return store.put(Buffer.from(text), {
    owner: from.publicKey,
    signer: from,
    audience: [to.publicKey],
    mailType: "FRAGMENT_REQUEST",
  });
}
