// Waiting for what would be fulfilled by a job.
// expect: loading contract.failed TypeError
// form: module
await { then(resolve) { resolve(1); } };
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
