import { equalBytes, P8eError, type RandomBytes, randomUuid, utf8Encode } from "@p8e/core";
import { type Bucket, isRefusal } from "./bucket.ts";

/**
 * Writes, reads and deletes a test object, and sees whether the bucket refuses to overwrite one when it is told to: not
 * every service that speaks S3 does, and one that does not would lose an object where two uploads meet.
 * @throws `store.storage`, `store.unavailable`
 */
export async function checkBucket(bucket: Bucket, prefix: string, random: RandomBytes): Promise<void> {
  const [name, first, second] = [randomUuid(random), randomUuid(random), randomUuid(random)];
  const key = `${prefix}test/${name}.txt`;
  const bytes = utf8Encode(first);
  await bucket.put(key, bytes, first);
  const overwritten = await bucket.put(key, utf8Encode(second), second).then(
    () => true,
    (error: unknown) => {
      if (isRefusal(error)) return false;
      throw error;
    },
  );
  const back = await bucket.read(key, { from: 0, length: bytes.length }, { signal: AbortSignal.timeout(60_000) });
  await bucket.remove(key);
  if (overwritten) {
    throw new P8eError("store.storage", "the bucket overwrites what must not be overwritten", {
      hint: "it must take conditional writes (If-None-Match: *); a newer release of the storage service may",
    });
  }
  if (back === undefined || !equalBytes(back.bytes, bytes)) {
    throw new P8eError("store.storage", "the bucket does not give back what was stored");
  }
}
