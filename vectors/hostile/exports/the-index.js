// The index has the start time as text and lists.
// expect: passes startedAt,records,inputs string number true
// form: module
let seen;
export const describe = () => "";
export const load = (index) => { const { startedAt, records } = JSON.parse(index); seen = `${Object.keys(JSON.parse(index))} ${typeof startedAt.seconds} ${typeof startedAt.nanos} ${Array.isArray(records)}`; };
export const call = () => new TextEncoder().encode(seen);
