// Keys named for the prototype are refused like other strangers.
// expect: contract.invalid
// form: contract
const body = { className: "test.Hostile", scopes: ["s"], participants: ["OWNER"], records: [], functions: [], files: {} };
export const describe = () => JSON.stringify({ ["__proto__"]: body });
export const load = () => {}, call = () => new Uint8Array(0);
