// A module of code in its own name is nothing that can be loaded.
// expect: loading contract.failed ReferenceError
// form: module
import "data:text/javascript,export default 1";
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
