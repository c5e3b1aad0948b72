// Sorting is by units.
// expect: passes 1,10,9,Z,a,é
return ["é", "a", "Z", 10, 9, 1].sort().join();
