// A file of types whose bytes are none.
// expect: contract.invalid
// form: contract
export const describe = () => JSON.stringify({ className: "test.Hostile", scopes: ["s"], participants: ["OWNER"], records: [], functions: [{ name: "go", invokedBy: "OWNER", inputs: [], writes: "out", typeName: "x.Out", lineage: [] }], files: { "x.proto": "//////8=" } });
export const load = () => {}, call = () => new Uint8Array(0);
