/**
 * What the reading of foreign bytes may cost. All of it is counted in the bytes, before anything is made of them, and
 * none of it is measured: bytes that one machine refuses, every machine does.
 */
export interface DecodingBudget {
  /** The bytes, or the text in UTF-8. */
  readonly bytes: number;
  /** Fields, elements of lists, entries of maps: whatever is read one by one. */
  readonly fields: number;
  /**
   * What the values take when they are decoded, in bytes, by a fixed price list. A message costs all its fields, whether
   * they are there or not, because a decoder makes them all.
   */
  readonly resultBytes: number;
  /** Messages, lists and objects within each other. Java's readers end at 100. */
  readonly depth: number;
}

const MIB = 1024 * 1024;

/** A value of a contract: an input, a record, an output. */
export const valueBudget: DecodingBudget = Object.freeze({
  bytes: 16 * MIB,
  fields: 500_000,
  resultBytes: 128 * MIB,
  depth: 100,
});

/** A message between programs: a request, an answer, a part of a transaction. */
export const messageBudget: DecodingBudget = Object.freeze({
  bytes: 4 * MIB,
  fields: 150_000,
  resultBytes: 32 * MIB,
  depth: 100,
});
