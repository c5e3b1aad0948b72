// The same, well made, is taken: what the others were refused for is what they name.
// expect: passes test.Hostile
// form: contract
const files = { "x.proto": "Cgd4LnByb3RvEgF4IgUKA091dGIGcHJvdG8z" };
const one = { name: "go", invokedBy: "OWNER", inputs: [], writes: "out", typeName: "x.Out", lineage: [] };
export const describe = () => JSON.stringify({ className: "test.Hostile", scopes: ["s"], participants: ["OWNER"], records: [], functions: [one], files });
export const load = () => {}, call = () => new Uint8Array(0);
