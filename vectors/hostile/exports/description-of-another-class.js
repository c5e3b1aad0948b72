// The class in the first line is the class of the description.
// expect: contract.invalid
// form: contract
export const describe = () => JSON.stringify({ className: "test.Another", scopes: ["s"], participants: ["OWNER"], records: [], functions: [{ name: "go", invokedBy: "OWNER", inputs: [], writes: "out", typeName: "google.protobuf.Empty", lineage: [] }], files: {} });
export const load = () => {}, call = () => new Uint8Array(0);
