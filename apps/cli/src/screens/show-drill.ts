import { formatSize } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

/** Something that a restore would lack, in words for a person. */
export interface GapView {
  readonly kind: string;
  /** An object's hash or uuid, or a file. */
  readonly what: string;
  readonly why: string;
}

/** What a drill came to. */
export interface DrillView {
  readonly takenAt: string;
  readonly objects: number;
  readonly bytes: number;
  /** Objects whose length alone could be compared. */
  readonly withoutChecksum: number;
  readonly seconds: number;
  /** Undefined when no ledger was asked; `why` says so. */
  readonly ledger: { readonly scopes: number; readonly objects: number } | undefined;
  readonly why: string | undefined;
  readonly opened: number | undefined;
  readonly unreachable: readonly string[];
  readonly elsewhere: readonly { readonly hash: string; readonly partner: string }[];
  readonly gaps: readonly GapView[];
  /** Whether there are more gaps than these. */
  readonly moreGaps: boolean;
}

const SHOWN_MAX = 100;

/** `p8e drill`. */
export function showDrill(screen: Screen, view: DrillView): void {
  const { takenAt, objects, bytes, seconds, ledger, opened, gaps, elsewhere, unreachable } = view;
  screen.facts([
    ["recovery point", takenAt],
    ["recovery time", `${seconds.toFixed(1)} s, rows loaded and every object read in place`],
    ["objects", `${objects}, ${formatSize(bytes)}, each compared with its row`],
    ...(view.withoutChecksum === 0
      ? []
      : [
          [
            "no checksum",
            `${view.withoutChecksum}, as the original stores them: their length alone was compared`,
          ] as const,
        ]),
    ["ledger", ledger === undefined ? `not asked: ${view.why}` : `${ledger.scopes} scopes, ${ledger.objects} objects`],
    ...(opened === undefined ? [] : [["opened", `${opened} objects, chosen at random`] as const]),
  ]);
  if (unreachable.length > 0) screen.note(`Not reached: the stores of ${unreachable.join(", ")}.`);
  if (elsewhere.length > 0) {
    screen.heading("Not in the backup, but in a partner's store");
    screen.table(
      ["hash", "whose"],
      elsewhere.slice(0, SHOWN_MAX).map(({ hash, partner }) => [hash, partner]),
    );
  }
  if (gaps.length === 0) {
    // What only a partner has, a restore does lack.
    if (elsewhere.length === 0) {
      screen.say(`${screen.style("green", "✔")} the backup lacks nothing that was looked for`);
    }
    return;
  }
  screen.heading(`A restore would lack ${view.moreGaps ? "more than " : ""}${gaps.length}`);
  screen.table(
    ["what", "", "why"],
    gaps.slice(0, SHOWN_MAX).map(({ kind, what, why }) => [what, kind, why]),
  );
  if (gaps.length > SHOWN_MAX) screen.note(`and ${gaps.length - SHOWN_MAX} more: --json has them all`);
}
