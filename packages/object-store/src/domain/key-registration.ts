import type { Uuid } from "@p8e/core";
import type { KeyText } from "./audience.ts";

/** A row of `public_key`: whom a key belongs to (us, or the store at `url`), and how its holder proves itself. */
export interface KeyRegistration {
  readonly uuid: Uuid;
  readonly key: KeyText;
  /** Empty: the key is served here. */
  readonly url: string;
  /** A serialized google.protobuf.Any; empty when there is none. */
  readonly metadata: Uint8Array;
  readonly authType: "header" | null;
  /** `header:value`, split at the first colon; the value is a credential. */
  readonly authData: string | null;
  /** Microseconds since 1970. */
  readonly createdAt: bigint;
  readonly updatedAt: bigint;
}
