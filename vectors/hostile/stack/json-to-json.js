// A form for JSON of one's own that goes one deeper each time: looking for circles is work, and ends it.
// expect: contract.out_of_fuel
const o = { toJSON: () => ({ o }) };
return JSON.stringify(o);
