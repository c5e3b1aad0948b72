// Also far from zero, where careless reductions go wrong.
// expect: passes -0.8522008497671888 0.523214785395
return `${Math.sin(1e22)} ${Math.cos(1e22).toFixed(12)}`;
