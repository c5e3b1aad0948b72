declare const tag: unique symbol;

/** A value of type T that has passed the parser of Name; only that parser casts. */
export type Brand<T, Name extends string> = T & { readonly [tag]: Name };
