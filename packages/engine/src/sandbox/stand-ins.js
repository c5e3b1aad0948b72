// Runs around the prelude when a contract's author asks why a function failed, and never else: what is read from the
// global object under a name that it does not have is a stand-in, whose every use is refused by that name. In the sandbox
// that contracts run in it is undefined, and what fails is whatever is done with it.
(except, prelude) => (refuseNamesBy, utf8OfText, textOfUtf8) => {
  const { create, defineProperty, getPrototypeOf, setPrototypeOf } = Object;
  const { get, has, ownKeys } = Reflect;
  const StandInError = Error;
  const passed = new Set(except);
  const isPassed = passed.has.bind(passed);

  function standIn(name) {
    const refuse = () => {
      const error = new StandInError(name);
      defineProperty(error, "name", { value: "StandIn" });
      throw error;
    };
    const traps = create(null);
    for (const trap of ownKeys(Reflect)) if (typeof trap === "string") traps[trap] = refuse;
    return new Proxy(class {}, traps);
  }

  const above = create(getPrototypeOf(globalThis));
  const lookedUp = (target, key, receiver) =>
    typeof key === "symbol" || has(target, key) || isPassed(key) ? get(target, key, receiver) : standIn(key);
  setPrototypeOf(globalThis, new Proxy(above, { get: lookedUp }));
  return prelude(refuseNamesBy, utf8OfText, textOfUtf8);
};
