// And memory is no reason to be rejected for.
// expect: contract.out_of_memory
new Promise((resolve, reject) => { try { resolve(new Uint8Array(2 ** 30)); } catch (error) { reject(error); } });
return "went on";
