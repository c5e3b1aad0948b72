// A proxy around a denial is none.
// expect: contract.failed NoAuthority
try { fetch; } catch (error) { throw new Proxy(error, {}); }
