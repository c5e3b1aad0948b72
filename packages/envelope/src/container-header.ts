import { concatBytes, P8eError, type Uuid, uuidFromBytes, uuidToBytes } from "@p8e/core";
import { DEFAULT_ENVELOPE_LIMITS, type EnvelopeLimits } from "./limits.ts";
import { malformed } from "./malformed.ts";

/*
 * The header of a DIME container, all integers big-endian and unsigned:
 *
 *   magic "DIME" | u16 version 1 | u32 16, uuid | u32 n, metadata | u32 n, uri | u32 n, signatures | u32 n, protobuf
 *
 * Whatever follows is the payload, without a length of its own.
 */

const MAGIC = 0x44494d45;
const VERSION = 1;
const UUID_LENGTH = 16;
/** Magic, version, the uuid's length and the uuid. */
const PREFIX_LENGTH = 4 + 2 + 4 + UUID_LENGTH;

/** The sections of a header, in the order of their bytes. */
export type SectionName = "metadata" | "uri" | "signatures" | "envelope";

const SECTIONS: readonly SectionName[] = ["metadata", "uri", "signatures", "envelope"];

/** A header's sections as bytes. */
export interface ContainerSections {
  /** JSON object, string to string. */
  readonly metadata: Uint8Array;
  readonly uri: Uint8Array;
  /** JSON array; clients upload `[]` and the store fills it in. */
  readonly signatures: Uint8Array;
  /** DIME protobuf: owner, audience, an empty payload. */
  readonly envelope: Uint8Array;
}

/** A parsed header. Sections are views of `bytes`: nothing is ever re-encoded, so what was received can be passed on. */
export interface ContainerHeader {
  /** Everything in front of the payload. */
  readonly bytes: Uint8Array;
  readonly uuid: Uuid;
  readonly sections: ContainerSections;
}

/** Magic, version, uuid and sections: everything of a container before its payload. */
export function encodeContainerHeader(uuid: Uuid, sections: ContainerSections): Uint8Array {
  const prefix = new Uint8Array(PREFIX_LENGTH);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, MAGIC);
  view.setUint16(4, VERSION);
  view.setUint32(6, UUID_LENGTH);
  prefix.set(uuidToBytes(uuid), 10);
  const parts: Uint8Array[] = [prefix];
  for (const name of SECTIONS) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, sections[name].length);
    parts.push(length, sections[name]);
  }
  return concatBytes(...parts);
}

/** The header, and the bytes of the same chunk that belong to the payload already (a view of that chunk). */
export interface ParsedHeader {
  readonly header: ContainerHeader;
  readonly rest: Uint8Array;
}

type Step = "magic" | "version" | "uuid length" | "uuid" | "section length" | "section" | "done";

/**
 * Reads a header from chunks of any size. Each length is checked against its limit before anything is held for it, and
 * memory grows with the bytes that have arrived, never with the bytes that were promised.
 *
 *     const parser = new ContainerHeaderParser();
 *     for await (const chunk of chunks) {
 *       const parsed = parser.feed(chunk);
 *       if (parsed !== undefined) return parsed;
 *     }
 *     parser.end();
 */
export class ContainerHeaderParser {
  readonly #limits: EnvelopeLimits;
  #bytes = new Uint8Array(1024);
  #length = 0;
  /** How many bytes must be there before the next decision. */
  #wanted = 4;
  #step: Step = "magic";
  /** Start and end of each section that has been delimited so far. */
  readonly #ranges: (readonly [number, number])[] = [];

  constructor(limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Takes the next bytes (they are copied); undefined while the header is incomplete. After it has returned a header
   * the parser is spent.
   * @throws `envelope.malformed` (see ContainerProblem), `envelope.too_large` (facts: section, limit, claimed)
   */
  feed(chunk: Uint8Array): ParsedHeader | undefined {
    let offset = 0;
    while (this.#step !== "done") {
      const taken = Math.min(this.#wanted - this.#length, chunk.length - offset);
      this.#append(chunk.subarray(offset, offset + taken));
      offset += taken;
      if (this.#length < this.#wanted) return undefined;
      const [step, more] = this.#next();
      this.#step = step;
      this.#wanted = this.#length + more;
    }
    return { header: this.#header(), rest: chunk.subarray(offset) };
  }

  /**
   * To be called when the input ends before a header was returned.
   * @throws `envelope.malformed`, problem `truncated`
   */
  end(): never {
    throw malformed("truncated");
  }

  /** Checks what has just become complete, and says what to read next and how long it is. */
  #next(): readonly [Step, number] {
    const view = new DataView(this.#bytes.buffer, 0, this.#length);
    switch (this.#step) {
      case "magic": {
        const magic = view.getUint32(0);
        if (magic !== MAGIC) throw malformed("magic", { given: magic });
        return ["version", 2];
      }
      case "version": {
        const version = view.getUint16(4);
        if (version !== VERSION) throw malformed("version", { given: version });
        return ["uuid length", 4];
      }
      case "uuid length": {
        const length = view.getUint32(6);
        if (length !== UUID_LENGTH) throw malformed("uuid_length", { given: length });
        return ["uuid", UUID_LENGTH];
      }
      case "section length":
        return ["section", this.#beginSection(view.getUint32(this.#length - 4))];
      case "uuid":
      case "section":
      case "done":
        return this.#ranges.length < SECTIONS.length ? ["section length", 4] : ["done", 0];
    }
  }

  #beginSection(claimed: number): number {
    const section = SECTIONS[this.#ranges.length]!;
    const limit = sectionLimit(this.#limits, section);
    if (claimed > limit) {
      throw new P8eError("envelope.too_large", `the container's ${section} section is larger than the limit`, {
        facts: { section, limit, claimed },
      });
    }
    this.#ranges.push([this.#length, this.#length + claimed]);
    return claimed;
  }

  #append(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  #header(): ContainerHeader {
    const bytes = this.#bytes.subarray(0, this.#length);
    const [metadata, uri, signatures, envelope] = this.#ranges.map(([start, end]) => bytes.subarray(start, end));
    return {
      bytes,
      uuid: uuidFromBytes(bytes.subarray(10, PREFIX_LENGTH)),
      sections: { metadata: metadata!, uri: uri!, signatures: signatures!, envelope: envelope! },
    };
  }
}

function sectionLimit(limits: EnvelopeLimits, section: SectionName): number {
  switch (section) {
    case "metadata":
      return limits.metadataBytes;
    case "uri":
      return limits.uriBytes;
    case "signatures":
      return limits.signatureBytes;
    case "envelope":
      return limits.envelopeBytes;
  }
}

/**
 * A whole container in memory; the payload is a view of `bytes`.
 * @throws as ContainerHeaderParser
 */
export function parseContainer(
  bytes: Uint8Array,
  limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
): { header: ContainerHeader; payload: Uint8Array } {
  const parser = new ContainerHeaderParser(limits);
  const parsed = parser.feed(bytes) ?? parser.end();
  return { header: parsed.header, payload: parsed.rest };
}
