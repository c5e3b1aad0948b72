/** Who can be asked for an object: a store that serves one of its readers. */
export interface PeerSource {
  /**
   * An object's stored bytes, as a reader of that store gets them; they are whatever that store says.
   * @throws what the peer answers, or why it did not
   */
  fetch(
    wanted: { readonly url: string; readonly hash: string; readonly key: string },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
}
