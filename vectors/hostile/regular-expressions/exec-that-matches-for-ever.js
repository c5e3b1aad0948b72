// An own exec that always finds an empty match: what it found is kept until all is found.
// expect: contract.out_of_memory
const one = /a/g; Object.defineProperty(one, "exec", { value: () => ({ 0: "", index: 0, length: 1 }) });
return "x".replace(one, "y");
