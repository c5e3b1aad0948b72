// Nor is an error of the engine's class.
// expect: contract.failed InternalError
throw new InternalError("out of memory");
