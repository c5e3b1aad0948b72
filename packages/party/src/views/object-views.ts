import type { PutReceipt } from "@p8e/object-client";

/** An object that was stored, and by name who can read it. */
export function storedView(receipt: PutReceipt, readers: readonly string[]) {
  return { ...receipt, readers };
}
