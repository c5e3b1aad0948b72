import type { ContentHash } from "@p8e/core";

/** Maps that are kept at most; the oldest go. */
export const SOURCE_MAPS_MAX = 100;

/**
 * Source maps of the bundles that a party published, by the bundle's hash: they tell where in the source a contract
 * failed. They are nobody else's, and in no bundle.
 */
export interface SourceMaps {
  /** Kept once for each bundle, the newest. */
  keep(bundle: ContentHash, map: string): Promise<void>;
  /** Undefined for a bundle that this party did not publish from here, or long ago. */
  find(bundle: ContentHash): Promise<string | undefined>;
}
