/** The version of p8e, of all its packages at once. */
export const VERSION = "0.1.0";
