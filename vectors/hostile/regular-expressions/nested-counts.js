// Counts of counts are not unrolled into memory before they run.
// expect: passes false
return new RegExp("^(?:(?:(?:a{100}){100}){100}){100}$").test("a".repeat(1000));
