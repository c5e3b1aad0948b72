// All prototypes that no name leads to.
// expect: passes true
const p = Object.getPrototypeOf;
const hidden = [p(function* () {}), p(async function () {}), p(async function* () {}), p(p(async function* () {}).prototype), p(new Map().entries()), p(new Set().values()), p("".matchAll(/a/g)), p(""[Symbol.iterator]()), p([].values().map(String)), p(Iterator.from({ next() {} }))];
return hidden.every((o) => Object.isFrozen(o) && Object.isFrozen(p(o) ?? Object.freeze({})));
