// The host's values go through functions that nobody replaces.
// expect: contract.failed TypeError
JSON.parse = () => ({ records: [] });
