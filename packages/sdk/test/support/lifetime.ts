/** Lets calls through until it is told that the process dies: from then on nothing is done and nothing answers. */
export class Lifetime {
  #calls = 0;
  readonly #last: number;
  readonly #when: "before" | "after";
  readonly #parts: readonly (string | symbol)[];

  /** @param parts members that are no calls but have calls, which count as well */
  constructor(last: number, when: "before" | "after", parts: readonly (string | symbol)[] = []) {
    this.#last = last;
    this.#when = when;
    this.#parts = parts;
  }

  get over(): boolean {
    return this.#calls >= this.#last;
  }

  guard<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name);
        if (this.#parts.includes(name)) return this.guard(member as object);
        if (typeof member !== "function") return member;
        return async (...given: unknown[]) => {
          const own = ++this.#calls;
          if (own > this.#last || (own === this.#last && this.#when === "before")) throw new Error("dead");
          const result: unknown = await member.apply(of, given);
          if (this.over) throw new Error("dead");
          return result;
        };
      },
    });
  }
}

/** Of classes with private fields. */
export function bound(target: object, name: string | symbol): unknown {
  const member: unknown = Reflect.get(target, name);
  return typeof member === "function" ? member.bind(target) : member;
}
