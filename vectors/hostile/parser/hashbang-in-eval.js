// A first line for a shell is a comment where a script begins.
// expect: passes 3
return (0, eval)("#!/bin/sh\n3");
