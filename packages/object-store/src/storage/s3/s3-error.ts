import { isP8eError, P8eError } from "@p8e/core";

/** What S3 answered, as far as errors of ours tell it. */
interface Answer {
  readonly name: string;
  readonly status: number | undefined;
}

/** Answers that have a reason which passes, beside those of status 500 and above. */
const passing: ReadonlySet<string> = new Set([
  "SlowDown",
  "RequestTimeout",
  "RequestTimeTooSkewed",
  "OperationAborted",
]);

const hints: Readonly<Record<string, string>> = {
  NoSuchBucket: "create the bucket, or check its name, region and endpoint",
  AccessDenied: "let these credentials list the bucket, and read, write and delete its objects",
  CredentialsProviderError: "give credentials as the AWS SDK finds them: AWS_ACCESS_KEY_ID, a profile, a role",
  PermanentRedirect: "name the region that the bucket is in",
};

/** What the SDK's errors say of the answer; undefined when none came. */
export function answerOf(thrown: unknown): Answer | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { $metadata } = thrown as { $metadata?: { readonly httpStatusCode?: number } };
  return { name: thrown.name, status: $metadata?.httpStatusCode };
}

/** The gate for what the SDK throws: `store.unavailable` where the reason passes, else `store.storage`. */
export function s3Error(thrown: unknown, bucket: string): P8eError {
  if (isP8eError(thrown)) return thrown;
  const { name, status } = answerOf(thrown) ?? { name: "unknown error", status: undefined };
  const facts = { bucket, error: name, ...(status === undefined ? {} : { status }) };
  const misconfigured = name === "CredentialsProviderError";
  if (!misconfigured && (status === undefined || status >= 500 || status === 429 || passing.has(name))) {
    return new P8eError("store.unavailable", "the bucket cannot be reached", { cause: thrown, facts });
  }
  const hint = hints[name] ?? (status === 403 ? hints.AccessDenied : undefined);
  return new P8eError("store.storage", "the bucket refused a request", {
    cause: thrown,
    facts,
    ...(hint === undefined ? {} : { hint }),
  });
}
