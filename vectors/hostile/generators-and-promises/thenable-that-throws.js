// Asking may throw; the promise has it.
// expect: passes quiet
Promise.resolve({ get then() { throw new Error("asked"); } });
return "quiet";
