/** 1536 -> "1.5 KB". Decimal prefixes with binary steps would mislead; these are powers of 1000. */
export function formatSize(bytes: number | bigint): string {
  let value = Number(bytes);
  for (const unit of ["B", "KB", "MB", "GB"]) {
    if (value < 1000)
      return unit === "B" ? `${value} B` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
    value /= 1000;
  }
  return `${value.toFixed(1)} TB`;
}

/** 1530 -> "1.5 s"; minutes and seconds from a minute on. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

/**
 * An amount of nhash in whole coins: test coins on a network for tests, else hash, as the chain's people call it. Where
 * digests are shown beside it, it is told in dollars ({@link formatPrice}).
 */
export function formatCoins(nhash: bigint, { test }: { readonly test: boolean }): string {
  const coins = Number(nhash) / 1e9;
  return `${coins.toLocaleString("en-US", { maximumFractionDigits: 3 })} ${test ? "test coins" : "hash"}`;
}

/** An amount of nhash in dollars, `$1.65`, never told as less than it is; `worth` says how much of it so many thousandths of a dollar are. */
export function formatPrice(nhash: bigint, worth: { readonly musd: bigint; readonly nhash: bigint }): string {
  const musd = (nhash * worth.musd + worth.nhash - 1n) / worth.nhash;
  const decimals = String(musd % 1000n).padStart(3, "0");
  return `$${(musd / 1000n).toLocaleString("en-US")}.${decimals.endsWith("0") ? decimals.slice(0, 2) : decimals}`;
}

/** Hashes and addresses in prose: enough to recognise, short enough to read. */
export function shorten(text: string, keep = 12): string {
  return text.length <= keep + 5 ? text : `${text.slice(0, keep)}…${text.slice(-4)}`;
}
