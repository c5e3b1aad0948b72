// What a turn of a repetition captured is forgotten in the next.
// expect: passes zaacbbbcac,z,ac,a,,c
return /(z)((a+)?(b+)?(c))*/.exec("zaacbbbcac").join();
