// Nesting beyond what a stack has is refused and harms nobody.
// expect: contract.invalid
// form: contract
export const describe = () => "[".repeat(100000) + "]".repeat(100000);
export const load = () => {}, call = () => new Uint8Array(0);
