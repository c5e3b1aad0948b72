// Half of the smallest number is zero; a little more is the smallest.
// expect: passes 0 5e-324
return ["2.4703282292062327208e-324", "2.4703282292062328e-324"].map(Number).join(" ");
