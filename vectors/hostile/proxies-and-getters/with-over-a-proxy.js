// A with statement over a proxy that says it has all names sees every name, and none of the host's.
// expect: passes fetch
const seen = new Proxy({}, { has: (_, key) => key === "fetch", get: (_, key) => (key === Symbol.unscopables ? undefined : key) });
return new Function("o", "with (o) { return fetch; }")(seen);
