// What looks like a promise is asked for its method at once; the method is called by a job, hence never.
// expect: passes asked
const seen = [];
Promise.resolve({ get then() { seen.push("asked"); return () => seen.push("called"); } });
return seen.join();
