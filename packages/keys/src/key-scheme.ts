import type { KeyReference } from "@p8e/crypto";
import type { PassphraseSource } from "./passphrase/passphrase-source.ts";

/** What a party needs a key for. */
export type KeyUse = "signing" | "encryption";

/** What follows a scheme's colon, taken apart. */
export interface KeyLocation {
  /** What is opened, once however many keys are wanted of it: a file, a variable, a vault's address. */
  readonly source: string;
  /** Which key of the source, as a BIP-32 path, where the text names one. */
  readonly path?: string;
}

/** One key wanted of a source. */
export interface WantedKey {
  readonly use: KeyUse;
  readonly path?: string;
}

/** What opening a key may need from its surroundings. */
export interface KeyContext {
  /** The folder that relative paths are relative to. */
  readonly folder: string;
  /** Environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Asked at most once for each source, and only by a source under a passphrase. */
  readonly passphrase: PassphraseSource;
  /** The paths by which words are derived where a reference names none. */
  readonly paths: Readonly<Record<KeyUse, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** The keys of one source, open until this is disposed of: in the order in which they were wanted. */
export interface OpenedSource extends AsyncDisposable {
  readonly keys: readonly KeyReference[];
}

/** A way of holding keys. Adding one means implementing this, passing the conformance suite and naming it in the list. */
export interface KeyScheme {
  /** What stands before the first colon of a reference. */
  readonly name: string;
  /**
   * Takes apart what follows the colon. Touches nothing.
   * @throws `configuration.invalid`
   */
  locate(text: string): KeyLocation;
  /**
   * Opens a source for all the keys wanted of it.
   * @throws `key.unavailable` when it is not there, `key.invalid` when it holds something else, `key.exposed` when others
   * can read it, `key.passphrase`, `rpc.cancelled`
   */
  open(source: string, wanted: readonly WantedKey[], context: KeyContext): Promise<OpenedSource>;
}
