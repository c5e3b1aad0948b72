import type { SendFailure } from "../domain/replication-outcome.ts";
import type { StoredObject } from "../postgres/object-rows.ts";
import type { OpenedObject } from "../storage/open-stored.ts";

/** An object that is read to be sent. */
export interface OutgoingObject {
  readonly object: StoredObject;
  /** As the row has them; null in rows from before they were kept. */
  readonly propertiesText: string | null;
  readonly stored: Pick<OpenedObject, "chunks">;
}

/** The way to another store, whatever protocol leads there. */
export interface PeerLink extends AsyncDisposable {
  /** Rejects unless the peer can be reached. */
  connect(signal: AbortSignal): Promise<void>;

  /** Resolves when the peer has the object. `onProgress` is called with the bytes of each piece that it asks for. */
  send(
    outgoing: OutgoingObject,
    options: { readonly signal: AbortSignal; readonly onProgress: (bytes: number) => void },
  ): Promise<void>;

  /** What something that went wrong on the way means, here or there. */
  failureOf(thrown: unknown): SendFailure;
}

/** @throws `input.invalid` for a URL that names no host */
export type ConnectPeer = (url: string) => PeerLink;
