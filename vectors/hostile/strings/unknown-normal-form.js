// There are four forms.
// expect: contract.failed RangeError
return "a".normalize("nfc");
