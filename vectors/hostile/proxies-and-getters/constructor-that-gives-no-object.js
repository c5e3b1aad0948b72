// But a constructor's trap must give an object.
// expect: contract.failed TypeError
return new (new Proxy(class {}, { construct: () => 1 }))();
