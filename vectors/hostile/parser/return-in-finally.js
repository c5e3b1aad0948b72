// What a finally block returns wins over what was thrown.
// expect: passes kept
try { throw new Error("lost"); } finally { return "kept"; }
