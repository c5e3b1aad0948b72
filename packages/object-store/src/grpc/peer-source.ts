import { base64Decode, P8eError } from "@p8e/core";
import * as objectStore from "@p8e/proto/object-store";
import { connectRpc } from "@p8e/rpc";
import { StallWatch } from "../replication/stall-watch.ts";
import type { PeerSource } from "../scrub/peer-source.ts";
import type { StoreClock } from "../store-clock.ts";
import type { PeerWay } from "./peer-link.ts";

/** Other stores as any reader asks them: with a hash and a key, and no credential. */
export function peerSource(way: PeerWay, clock: StoreClock): PeerSource {
  return {
    async *fetch({ url, hash, key }, signal) {
      await using client = connectRpc({ url, ...way });
      using stall = new StallWatch(clock);
      const request = { hash: base64Decode(hash), publicKey: base64Decode(key) };
      const call = { signal: AbortSignal.any([signal, stall.signal]) };
      let ended = false;
      for await (const { impl } of client.serverStream(objectStore.ObjectService.method.get, request, call)) {
        stall.progress();
        if (impl.case !== "chunk") continue;
        if (impl.value.impl.case === "data") yield impl.value.impl.value;
        if (impl.value.impl.case === "end") ended = true;
      }
      if (!ended) throw new P8eError("rpc.protocol", "the other store's copy ended too early");
    },
  };
}
