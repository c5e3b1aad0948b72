// Order is by units, so a pair comes before the last plane's neighbours.
// expect: passes true
return "\u{10000}" < "\uffff";
