// Closing the function early makes the rest code at the module's top, with no more rights there.
// expect: loading contract.no_authority fetch
// form: bytes
return new Uint8Array(0); };
fetch("http://127.0.0.1/");
export const other = () => {
