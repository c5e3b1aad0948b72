/**
 * Bounds on what comes in front of a payload. The header is held in memory, so these are also the most that one
 * container can make a reader allocate before its payload starts.
 */
export interface EnvelopeLimits {
  /** Bytes of the JSON metadata section. */
  readonly metadataBytes: number;
  /** Bytes of the uri section, empty in practice. */
  readonly uriBytes: number;
  /** Bytes of the JSON signature section; one signature by an ordinary key takes 361. */
  readonly signatureBytes: number;
  /** Bytes of the protobuf section; each reader takes 381. */
  readonly envelopeBytes: number;
  /** Fields of the protobuf section at its top level: one for each reader, and a handful besides. */
  readonly envelopeFields: number;
}

/** Far above what any known writer makes, and still small in memory. */
export const DEFAULT_ENVELOPE_LIMITS: EnvelopeLimits = {
  metadataBytes: 256 * 1024,
  uriBytes: 16 * 1024,
  signatureBytes: 256 * 1024,
  envelopeBytes: 4 * 1024 * 1024,
  envelopeFields: 12_000,
};
