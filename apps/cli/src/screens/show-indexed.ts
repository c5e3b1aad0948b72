import type { Screen } from "../terminal/screen.ts";

/** `p8e scope list`: at most `max` of the scopes that an index found. */
export function showIndexed(
  screen: Screen,
  scopes: readonly { readonly scope: string; readonly records: readonly { readonly name: string }[] }[],
  { height, max }: { readonly height: bigint | number; readonly max: number },
): void {
  screen.table(
    ["scope", "records"],
    scopes.map(({ scope, records }) => [scope, records.map(({ name }) => name).join(", ")]),
  );
  const many = scopes.length === max ? `the first ${max} scopes` : `${scopes.length} scopes`;
  screen.note(`${scopes.length === 1 ? "One scope" : many}, as of block ${height}.`);
}
