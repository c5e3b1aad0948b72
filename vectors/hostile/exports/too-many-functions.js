// Thousands of functions without types.
// expect: contract.invalid
// form: contract
const functions = Array.from({ length: 2000 }, (_, i) => ({ name: `f${i}`, invokedBy: "OWNER", inputs: [], writes: `o${i}`, typeName: "x.Out", lineage: [] }));
export const describe = () => JSON.stringify({ className: "test.Hostile", scopes: [], participants: [], records: [], functions, files: {} });
export const load = () => {}, call = () => new Uint8Array(0);
