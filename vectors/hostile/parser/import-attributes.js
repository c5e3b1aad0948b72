// Asking for JSON by an attribute reads no file.
// expect: loading contract.failed ReferenceError
// form: module
import secrets from "/etc/passwd" with { type: "json" };
export const describe = () => secrets, load = () => {}, call = () => new Uint8Array(0);
