// An async function runs until it waits, and never beyond.
// expect: passes first
let state = "";
(async () => { state = "first"; await 0; state = "second"; })();
return state;
