// No hook sees the functions that an error went through, the prelude's among them.
// expect: passes undefined
let seen;
try { Error.prepareStackTrace = (error, sites) => { seen = sites.map((site) => typeof site.getFunction()); }; } catch { /* it is not there */ }
try { new TextDecoder().decode(1); } catch { /* of the prelude */ }
return typeof seen;
