// What a bundle says of itself fills its memory.
// expect: contract.out_of_memory
// form: describe
export const describe = () => { let text = "{"; for (;;) text += text; };
export const load = () => {}, call = () => new Uint8Array(0);
