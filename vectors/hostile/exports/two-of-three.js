// Nor one that leaves out a function.
// expect: loading contract.failed TypeError
// form: module
export const describe = () => "{}";
export function load() {}
