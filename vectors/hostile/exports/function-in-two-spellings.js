// Two functions whose names differ in case alone.
// expect: contract.invalid
// form: contract
const go = (name) => ({ name, invokedBy: "OWNER", inputs: [], writes: `out-${name}`, typeName: "x.Out", lineage: [] });
export const describe = () => JSON.stringify({ className: "test.Hostile", scopes: ["s"], participants: ["OWNER"], records: [], functions: ["go", "Go"].map(go), files: { "x.proto": "Cgd4LnByb3RvEgF4IgUKA091dGIGcHJvdG8z" } });
export const load = () => {}, call = () => new Uint8Array(0);
