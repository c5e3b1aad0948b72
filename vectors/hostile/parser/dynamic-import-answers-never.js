// A dynamic import is a promise whose jobs never run.
// expect: passes waiting
let state = "waiting";
import("node:fs").then(() => { state = "loaded"; }, () => { state = "refused"; });
return state;
