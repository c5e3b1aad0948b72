import type { Uuid } from "@p8e/core";
import type { BlobPlace } from "../domain/stored-bytes.ts";

/** What an upload under way to this place is called, wherever traces of it are kept. */
export function draftName(place: BlobPlace): string {
  return `${place.directory}.${place.name}`;
}

/** The place that a draft's name stands for; undefined for a name that is none of ours. */
export function placeOfDraft(name: string): (BlobPlace & { readonly name: Uuid }) | undefined {
  const parts = /^(\d{8})\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/.exec(name);
  return parts ? { directory: parts[1]!, name: parts[2]! as Uuid } : undefined;
}
