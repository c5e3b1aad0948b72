// Nor is an heir of one.
// expect: contract.failed NoAuthority
try { fetch; } catch (error) { throw Object.create(error); }
