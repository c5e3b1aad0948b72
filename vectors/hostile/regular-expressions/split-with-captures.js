// Captures come along, undefined ones too.
// expect: passes ["a",null,"b","1","c"]
return JSON.stringify("a,b1c".split(/,|(\d)/));
