/** See usage.mjs. */
export function usageAnswer(
  args: readonly string[],
  where: { readonly installed: boolean; readonly columns?: number | undefined },
): { readonly text: string; readonly code: number } | undefined;
export function answeredUsage(args: readonly string[], installed: boolean): boolean;
