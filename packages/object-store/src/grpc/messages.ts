import { base64Decode } from "@p8e/core";
import type { Micros } from "../postgres/binary-values.ts";
import type { ObjectRow } from "../postgres/object-rows.ts";

/** A row's time as protobuf's Timestamp, whose nanoseconds are never negative. */
export function timestampOf(micros: Micros): { seconds: bigint; nanos: number } {
  const seconds = micros / 1_000_000n;
  const rest = micros - seconds * 1_000_000n;
  return rest < 0n
    ? { seconds: seconds - 1n, nanos: Number(rest + 1_000_000n) * 1000 }
    : { seconds, nanos: Number(rest) * 1000 };
}

/** The answer to a put. The bucket is the base path even for what lives in the database, as the reference has it. */
export function objectResponse(row: ObjectRow, names: { readonly uriHost: string; readonly basePath: string }) {
  return {
    uuid: { value: row.uuid },
    dimeUuid: { value: row.dimeUuid },
    hash: base64Decode(row.hash),
    uri: `object://${names.uriHost}/${row.hash}`,
    bucket: names.basePath,
    name: row.name,
    metadata: { length: row.dimeLength, contentLength: row.contentLength },
    created: timestampOf(row.createdAt),
  };
}
