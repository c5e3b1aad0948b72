// A description is bounded as a result is.
// expect: contract.output_too_large
// form: describe
export const describe = () => "x".repeat(300000);
export const load = () => {}, call = () => new Uint8Array(0);
