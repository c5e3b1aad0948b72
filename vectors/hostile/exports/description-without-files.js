// Types that no file declares.
// expect: contract.invalid
// form: contract
const functions = [{ name: "go", invokedBy: "OWNER", inputs: [], writes: "out", typeName: "nowhere.Out", lineage: [] }];
export const describe = () => JSON.stringify({ className: "test.Hostile", scopes: ["s"], participants: ["OWNER"], records: [], functions, files: {} });
export const load = () => {}, call = () => new Uint8Array(0);
