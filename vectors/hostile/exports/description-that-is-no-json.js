// A contract whose description is no JSON is no contract.
// expect: contract.invalid
// form: contract
export const describe = () => "not JSON";
export const load = () => {}, call = () => new Uint8Array(0);
