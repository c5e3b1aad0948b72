// A caught denial keeps what it is, whatever it is renamed to.
// expect: contract.no_authority fetch
try { fetch; } catch (error) { Object.assign(error, { message: "nothing" }); throw error; }
