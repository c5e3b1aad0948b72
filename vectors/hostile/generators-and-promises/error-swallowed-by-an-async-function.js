// An error in an async function is one of its promise, and nobody sees it.
// expect: passes went on
(async () => { throw new Error("unseen"); })();
return "went on";
