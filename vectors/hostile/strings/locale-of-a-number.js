// Nor figures.
// expect: contract.no_authority Number.prototype.toLocaleString
const show = (0).toLocaleString;
return show.bind(1234.5)("de");
