import { type FileHandle, open, rename } from "node:fs/promises";
import { P8eError } from "@p8e/core";
import type { EndedCall, EndedSend } from "../domain/call-facts.ts";
import { type Log, reasonOf } from "../log.ts";

/** Where an access log goes, and how much of it is kept. */
export interface AccessLogSettings {
  readonly path: string;
  /** A file that has grown beyond this is put aside. */
  readonly fileBytesMax: number;
  /** How many files there are at most, the one being written included. */
  readonly filesMax: number;
}

/** Bytes that wait for the disk; what comes beyond that is dropped, and counted. */
const PENDING_BYTES_MAX = 4 * 1024 * 1024;
/** Longer texts are the caller's invention. */
const TEXT_CHARS_MAX = 200;
const COMPLAIN_EVERY_MS = 30_000;

/**
 * Who put, got, listed and acknowledged what: a line of JSON for each call, and for each object that was sent to another
 * store. Nobody waits for it; a disk that cannot follow costs lines, never calls.
 *
 * `PATH` is being written; the files before it are `PATH.1`, `PATH.2` and so on, the oldest with the highest number.
 */
export class AccessLog implements AsyncDisposable {
  readonly #settings: AccessLogSettings;
  readonly #log: Log;
  readonly #now: () => number;
  #file: FileHandle;
  #fileBytes: number;
  #pending: string[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  #complainedAt = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  private constructor(settings: AccessLogSettings, log: Log, now: () => number, file: FileHandle, bytes: number) {
    this.#settings = settings;
    this.#log = log;
    this.#now = now;
    this.#file = file;
    this.#fileBytes = bytes;
  }

  /** @throws `configuration.invalid` when the file cannot be written */
  static async open(
    settings: AccessLogSettings,
    { log, now }: { readonly log: Log; readonly now: () => number },
  ): Promise<AccessLog> {
    try {
      const file = await openAppending(settings.path);
      return new AccessLog(settings, log, now, file, (await file.stat()).size);
    } catch (cause) {
      throw new P8eError("configuration.invalid", "the access log cannot be written", {
        cause,
        facts: { file: settings.path, reason: reasonOf(cause) },
        hint: "P8E_STORE_ACCESS_LOG must name a file in a folder that is there and that this process may write",
      });
    }
  }

  /** Lines that were lost. */
  get dropped(): number {
    return this.#dropped;
  }

  callEnded({ method, peer, status, durationMs, traceId, facts }: EndedCall): void {
    this.#write({
      call: method.slice(method.lastIndexOf("/") + 1),
      service: method.slice(method.lastIndexOf(".", method.lastIndexOf("/")) + 1, method.lastIndexOf("/")),
      outcome: status,
      peer,
      ms: Math.round(durationMs * 10) / 10,
      ...(traceId === "" ? {} : { trace: traceId }),
      ...facts,
    });
  }

  sendEnded({ url, objectUuid, outcome, bytes, durationMs }: EndedSend): void {
    this.#write({
      call: "Send",
      service: "Replication",
      outcome,
      url,
      uuid: objectUuid,
      sentBytes: bytes,
      ms: Math.round(durationMs * 10) / 10,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    await this.#file.close();
  }

  #write(facts: Readonly<Record<string, string | number | undefined>>): void {
    const line = `${JSON.stringify({ time: new Date(this.#now()).toISOString(), ...facts }, (_name, value: unknown) =>
      typeof value === "string" ? value.slice(0, TEXT_CHARS_MAX) : value,
    )}\n`;
    if (this.#pendingBytes + line.length > PENDING_BYTES_MAX) {
      this.#dropped++;
      return;
    }
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    this.#writing ??= this.#flush().finally(() => {
      this.#writing = undefined;
    });
  }

  async #flush(): Promise<void> {
    // What is logged in this turn of the event loop goes with one write.
    await new Promise(setImmediate);
    while (this.#pending.length > 0) {
      const lines = this.#pending;
      this.#pending = [];
      this.#pendingBytes = 0;
      try {
        if (this.#fileBytes >= this.#settings.fileBytesMax) await this.#rotate();
        const bytes = Buffer.from(lines.join(""));
        await this.#file.appendFile(bytes);
        this.#fileBytes += bytes.length;
      } catch (error) {
        this.#dropped += lines.length;
        this.#complain(error);
      }
    }
  }

  async #rotate(): Promise<void> {
    const { path, filesMax } = this.#settings;
    for (let number = filesMax - 2; number >= 1; number--) {
      await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(ignoreMissing);
    }
    if (filesMax > 1) await rename(path, `${path}.1`).catch(ignoreMissing);
    const next = await openAppending(path);
    await this.#file.close();
    this.#file = next;
    if (filesMax === 1) await next.truncate(0);
    this.#fileBytes = (await next.stat()).size;
  }

  #complain(error: unknown): void {
    if (this.#now() - this.#complainedAt < COMPLAIN_EVERY_MS) return;
    this.#complainedAt = this.#now();
    this.#log("error", "lines of the access log are lost", { reason: reasonOf(error), lost: this.#dropped });
  }
}

/** Names and keys of readers are nobody else's business on this machine. */
function openAppending(path: string): Promise<FileHandle> {
  return open(path, "a", 0o600);
}

function ignoreMissing(error: unknown): void {
  if ((error as { readonly code?: unknown }).code !== "ENOENT") throw error;
}
