import { P8eError } from "@p8e/core";
import * as mailbox from "@p8e/proto/mailbox";
import { type Route, service } from "@p8e/rpc";
import { keyText } from "../domain/audience.ts";
import type { MailWatchPlace } from "../mailbox/mail-watches.ts";
import { requireKey, type StoreContext } from "./store-context.ts";

/** Length of an uncompressed point: nothing else can be an addressee's key. */
const KEY_BYTES = 65;
/** A watch ends after this long, so that who may watch is asked again. */
const WATCH_MS = 3_600_000;

/** p8e.mailbox.v1: tells who may read a key's mail that there may be some. Ours beside the original's services. */
export function mailWatchService(store: StoreContext): readonly Route[] {
  return service(mailbox.Mailbox, {
    watch(request, call) {
      if (request.publicKey.length !== KEY_BYTES) {
        throw new P8eError("input.invalid", `public_key must be an uncompressed point of ${KEY_BYTES} bytes`);
      }
      const key = keyText(request.publicKey);
      requireKey(store, key, call, "fetch on its own instance");
      return wakes(store, { key, connection: call.peer }, call.signal);
    },
  });
}

async function* wakes(store: StoreContext, place: MailWatchPlace, signal: AbortSignal): AsyncGenerator<object, void> {
  using watch = store.bell.watches.open(place);
  const left = new AbortController();
  const end = () => watch.end();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  store.clock.sleep(WATCH_MS, left.signal).then(end, () => {}); // the watch ended before
  try {
    while (await watch.next()) yield {};
  } finally {
    left.abort();
    signal.removeEventListener("abort", end);
  }
}
