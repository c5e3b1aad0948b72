/** Milliseconds since 1970 as text: to the millisecond, in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** What a store tells of itself, for programs: its times, which are numbers under names that end so, become text. */
export function withIsoTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withIsoTimes);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) => [
      name,
      typeof of === "number" && TIME.test(name) ? isoTime(of) : withIsoTimes(of),
    ]),
  );
}

const TIME = /(?:^since|^at|At|Since)$/;
