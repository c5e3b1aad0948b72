// There is no clock to calculate with, and no calendar.
// expect: contract.no_authority Date
return Date.UTC(2024, 0, 1);
