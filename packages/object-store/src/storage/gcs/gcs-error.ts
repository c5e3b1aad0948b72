import { P8eError } from "@p8e/core";

const hints: Readonly<Record<number, string>> = {
  401: "give credentials as Google's libraries find them: GOOGLE_APPLICATION_CREDENTIALS, or the machine's account",
  403: "let this account list the bucket, and read, write and delete its objects",
  404: "create the bucket, or check its name",
};

/** What an answer of Google Cloud Storage means: `store.unavailable` where the reason passes, else `store.storage`. */
export function gcsError(status: number, bucket: string): P8eError {
  const facts = { bucket, status };
  if (status >= 500 || status === 429 || status === 408) {
    return new P8eError("store.unavailable", "the bucket cannot be reached", { facts });
  }
  const hint = hints[status];
  return new P8eError("store.storage", "the bucket refused a request", {
    facts,
    ...(hint === undefined ? {} : { hint }),
  });
}
