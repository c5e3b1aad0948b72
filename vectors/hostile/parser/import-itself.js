// A bundle that imports its own name gets itself.
// expect: passes call,describe,load
// form: module
import * as me from "./bundle.js";
export const describe = () => "", load = () => {}, call = () => new TextEncoder().encode(Object.keys(me).join());
