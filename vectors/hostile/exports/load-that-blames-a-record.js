// It may blame a record that does not exist; the words are its own.
// expect: at load input.invalid
// form: module
export const describe = () => "", call = () => new Uint8Array(0);
export const load = () => { throw Object.assign(new Error("bad"), { name: "MalformedValue", kind: "record", value: "none" }); };
