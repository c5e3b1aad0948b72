/**
 * Why a transaction is run: to see whether it may wait for a block, because a block holds it, or to learn what it would
 * cost. A simulated one needs no signature and pays nothing.
 */
export type Mode = "check" | "deliver" | "simulate";
