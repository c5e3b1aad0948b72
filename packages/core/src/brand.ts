/**
 * A value of type T that has passed the parser of Name; only that parser casts. The property is never there; it has a name
 * of its own, and no symbol, so that declarations of other packages can write it down.
 */
export type Brand<T, Name extends string> = T & { readonly "a p8e brand": Name };
