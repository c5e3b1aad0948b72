import { P8eError } from "@p8e/core";

/** The `grpc-timeout` header: at most eight digits and a unit. Source: "gRPC over HTTP2", Timeout. */

const millisecondsPerUnit: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** The longest delay a timer takes; a later deadline needs none. */
export const TIMER_MS_MAX = 2 ** 31 - 1;

/** Milliseconds; throws rpc.protocol for what is not a timeout. */
export function parseTimeout(text: string): number {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  const factor = match === null ? undefined : millisecondsPerUnit[match[2] as string];
  if (match === null || factor === undefined) throw new P8eError("rpc.protocol", "grpc-timeout is malformed");
  return Number(match[1]) * factor;
}

/** The header for a duration, rounded up to what its unit can say. */
export function formatTimeout(milliseconds: number): string {
  for (const unit of ["m", "S", "M"]) {
    const count = Math.ceil(Math.max(0, milliseconds) / (millisecondsPerUnit[unit] as number));
    if (count < 1e8) return `${count}${unit}`;
  }
  return `${Math.min(99_999_999, Math.ceil(milliseconds / 3_600_000))}H`;
}
