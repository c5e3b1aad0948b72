import { P8eError } from "@p8e/core";

/** A value of metadata: text, or bytes under a name that ends in `-bin`. */
export type MetadataValue = string | Uint8Array;
/** What metadata can be made of: other metadata, or values by name. */
export type MetadataInit = Metadata | Readonly<Record<string, MetadataValue | readonly MetadataValue[]>>;

/** Names that belong to the protocol and cannot be set by an application. */
const RESERVED = new Set([
  ...["content-type", "content-length", "te", "user-agent", "host", "p8e-code"],
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings"],
]);

/**
 * Metadata of a call: text values, or bytes under names that end in `-bin`. Names are lower-case; a name may have
 * several values, and their order is kept.
 */
export class Metadata {
  readonly #values = new Map<string, MetadataValue[]>();

  constructor(init: MetadataInit = {}) {
    if (init instanceof Metadata) {
      for (const [name, value] of init) this.append(name, value);
      return;
    }
    for (const [name, value] of Object.entries(init)) {
      const values = typeof value === "string" || value instanceof Uint8Array ? [value] : value;
      for (const each of values) this.append(name, each);
    }
  }

  /** The first text value of a name, in any case; undefined for a `-bin` name. */
  get(name: string): string | undefined {
    return this.getAll(name)[0];
  }

  getAll(name: string): readonly string[] {
    const values = this.#values.get(name.toLowerCase()) ?? [];
    return values.filter((value) => typeof value === "string");
  }

  /** The first value of a `-bin` name. */
  getBytes(name: string): Uint8Array | undefined {
    return this.#values.get(name.toLowerCase())?.find((value) => value instanceof Uint8Array);
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** Replaces all values of a name. Throws input.invalid for a name or value that cannot be sent. */
  set(name: string, value: MetadataValue): this {
    this.#values.delete(name.toLowerCase());
    return this.append(name, value);
  }

  /** Throws input.invalid for a name or value that cannot be sent. */
  append(name: string, value: MetadataValue): this {
    const key = name.toLowerCase();
    if (!/^[0-9a-z_.-]+$/.test(key) || key.startsWith("grpc-") || RESERVED.has(key)) {
      throw new P8eError("input.invalid", `${JSON.stringify(name)} cannot be a metadata name`);
    }
    const binary = key.endsWith("-bin");
    if (binary !== value instanceof Uint8Array) {
      throw new P8eError("input.invalid", `metadata ${key} takes ${binary ? "bytes" : "text"}`);
    }
    if (typeof value === "string" && !/^([!-~]([ -~]*[!-~])?)?$/.test(value)) {
      throw new P8eError("input.invalid", `metadata ${key} takes printable ASCII without blanks around it`);
    }
    this.#add(key, value);
    return this;
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  /** Every name with each of its values. */
  *[Symbol.iterator](): IterableIterator<readonly [string, MetadataValue]> {
    for (const [name, values] of this.#values) for (const value of values) yield [name, value];
  }

  /** As header pairs for the wire: name, value, name, value… */
  *toHeaders(): IterableIterator<readonly [string, string]> {
    for (const [name, value] of this) {
      yield [name, typeof value === "string" ? value : Buffer.from(value).toString("base64").replace(/=+$/, "")];
    }
  }

  /** Into a header object of node:http2. */
  addTo(headers: Record<string, string | string[]>): void {
    for (const [name, value] of this.toHeaders()) {
      const before = headers[name];
      if (before === undefined) headers[name] = value;
      else headers[name] = Array.isArray(before) ? [...before, value] : [before, value];
    }
  }

  /**
   * From the raw header list of node:http2 (name, value, name, value…), without the protocol's own headers. Values
   * that are not valid base64 under a `-bin` name are left out; text is taken as it is.
   */
  static fromRawHeaders(raw: readonly string[]): Metadata {
    const metadata = new Metadata();
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const name = (raw[at] as string).toLowerCase();
      const value = raw[at + 1] as string;
      if (name.startsWith(":") || name.startsWith("grpc-") || RESERVED.has(name)) continue;
      if (!name.endsWith("-bin")) {
        metadata.#add(name, value);
        continue;
      }
      for (const text of value.split(",")) {
        const trimmed = text.trim();
        if (!/^[0-9A-Za-z+/]*={0,2}$/.test(trimmed)) continue;
        metadata.#add(name, new Uint8Array(Buffer.from(trimmed, "base64")));
      }
    }
    return metadata;
  }

  #add(name: string, value: MetadataValue): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }
}
