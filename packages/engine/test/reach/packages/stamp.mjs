import { now } from "hidden-clock";

/** A text with the time before it. */
export const stamp = (text) => `${now()} ${text}`;
