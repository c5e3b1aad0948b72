// What waits for a promise never runs, not even when the function has returned.
// expect: passes before
let state = "before";
Promise.resolve().then(() => { state = "after"; });
return state;
