// Texts on which readers of protobuf's JSON may differ: the edges of every kind of value, and values made by chance.

/** A text and the message it is read as. */
export interface JsonCase {
  readonly typeName: string;
  readonly text: string;
}

const integers = [
  ..."0 1 -1 -0 +1 01 00 -01 1.0 1.50 1.5 1e0 1e3 1E3 1e+3 1e-3 1000e-3 10e-1 15e-1 1.5e1 1.25e1 1.0e-1 10.0e-1 0e9 0.0e-9".split(
    " ",
  ),
  ..."0e99 0e-99 0e2147483647 0e2147483648 0e-2147483647 0e9999999999 1e9999999999 1e-9999999999 0.0000000000000000000000001e25".split(
    " ",
  ),
  ..."2147483647 2147483648 -2147483648 -2147483649 4294967295 4294967296 9007199254740993 -9007199254740993".split(
    " ",
  ),
  ..."9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616".split(
    " ",
  ),
  ..."9.223372036854775807e18 18446744073709551.615e3 1e19 1e20 1e21 100000000000000000000e-2 1000000000000000000000e-3".split(
    " ",
  ),
  ..."0x10 0b1 0o7 1_000 1n .5 5. 1. 1e 1e+ e1 - -- --1 NaN Infinity -Infinity null true false 1.0.0 1,0 ١ １".split(
    " ",
  ),
  "",
  " ",
  " 1",
  "1 ",
  "\\t1",
  "1\\u0000",
  "\\u0031",
];
const floats = [
  ...integers,
  ..."1e308 1e309 -1e309 1.7976931348623157e308 1.7976931348623158e308 1.7976931348623159e308 1.8e308 4.9e-324 2e-324 1e-400 -1e-400 -0.0 -0e5".split(
    " ",
  ),
  ..."3.4028235e38 3.4028234663852886e38 3.4028235677973366e38 3.40282356e38 3.4028236e38 3.5e38 1e-45 7e-46 1.401298464324817e-45 1e39 -1e-46".split(
    " ",
  ),
  ..."0.1 0.30000000000000004 1.00000017881393432617187499 1.00000017881393432617187500 1.000000178813934326171875001 16777217 16777217.0000000001 33554435".split(
    " ",
  ),
  ..."nan inf +Infinity infinity INFINITY 1f 1d 1L 0x1p3".split(" "),
];
const texts = [
  '""',
  '"a"',
  '"\\u00e9"',
  '"é"',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"\\ude00"',
  '"\\ud83dx"',
  '"\\u0000"',
  '"\\/"',
  '"\\x41"',
  '"\\u12"',
  '"\\u12G4"',
  "'a'",
  '"a\nb"',
  '"a\tb"',
  '"\u007f"',
  '"\u2028"',
  "1",
  "true",
  "null",
  "[]",
  "{}",
  '["a"]',
];
const base64 = [
  ..."QQ== QQ QQ= QQ=== QQ==== QR== QUI= QUI QUJD QUJDRA== QUJD= QUJD== = == ==== A AA AAA AAAA AAAAA -_-_ +/+/ -/-/ _w== /w== _w /w Q*== QQ==QQ== =QQ=".split(
    " ",
  ),
  "QQ\\n==",
  "QQ==\\n",
  "Q Q==",
  "QUJ\\r\\nD",
  " QQ==",
  "",
  "é",
];
const bools = ["true", "false", '"true"', '"false"', "0", "1", "null", "TRUE", "True", '""', "tru", "truex", '"1"'];
const times = [
  ..."2024-01-01T00:00:00Z 2024-02-29T00:00:00Z 2023-02-29T00:00:00Z 2023-02-30T00:00:00Z 1900-02-29T00:00:00Z 2000-02-29T00:00:00Z 2024-04-31T00:00:00Z".split(
    " ",
  ),
  ..."2024-13-01T00:00:00Z 2024-00-01T00:00:00Z 2024-01-00T00:00:00Z 2024-01-32T00:00:00Z 2024-01-01T24:00:00Z 2024-01-01T23:60:00Z 2024-01-01T23:59:60Z 2016-12-31T23:59:60Z".split(
    " ",
  ),
  ..."0001-01-01T00:00:00Z 0000-12-31T23:59:59Z 0000-01-01T00:00:00Z 9999-12-31T23:59:59.999999999Z 9999-12-31T23:59:59.9999999999Z 10000-01-01T00:00:00Z 0001-01-01T00:00:00+01:00 0001-01-01T01:00:00+01:00 9999-12-31T23:59:59-01:00 9999-12-31T22:59:59-01:00".split(
    " ",
  ),
  ..."2024-01-01T00:00:00.1Z 2024-01-01T00:00:00.Z 2024-01-01T00:00:00.123456789Z 2024-01-01T00:00:00.1234567891Z 2024-01-01T00:00:00,1Z 1969-12-31T23:59:59.5Z 1970-01-01T00:00:00.000000001Z".split(
    " ",
  ),
  ..."2024-01-01t00:00:00Z 2024-01-01T00:00:00z 2024-01-01T00:00:00 2024-01-01T00:00Z 2024-01-01 2024-1-01T00:00:00Z 2024-01-1T00:00:00Z 2024-01-01T0:00:00Z 2024-01-01T00:0:00Z 2024-01-01T00:00:0Z +2024-01-01T00:00:00Z -001-01-01T00:00:00Z".split(
    " ",
  ),
  ..."2024-01-01T00:00:00+00:00 2024-01-01T00:00:00-00:00 2024-01-01T00:00:00+01:30 2024-01-01T00:00:00-08:00 2024-01-01T00:00:00+23:59 2024-01-01T00:00:00+24:00 2024-01-01T00:00:00+25:00 2024-01-01T00:00:00+01:60 2024-01-01T00:00:00+0130 2024-01-01T00:00:00+01 2024-01-01T00:00:00+1:30 2024-01-01T00:00:00UTC 2024-01-01T00:00:00.5+01:00".split(
    " ",
  ),
  "2024-01-01 00:00:00Z",
  " 2024-01-01T00:00:00Z",
  "2024-01-01T00:00:00Z ",
  "",
  "0",
];
const durations = [
  ..."0s 1s -1s +1s 1.5s -1.5s 1.000000001s 1.0000000001s .5s -.5s 1.s 01s 001.5s -0s -0.5s -0.0s 0.5s 1 1.5 s 1m 1S 1e3s 1.5.5s --1s - -s 0x1s".split(
    " ",
  ),
  ..."315576000000s 315576000001s -315576000000s -315576000001s 315576000000.5s 315576000000.999999999s -315576000000.999999999s 1000000000000s 0000000000001s 9223372036854775808s".split(
    " ",
  ),
  " 1s",
  "1s ",
  "1 s",
  "",
];
const masks = [
  ..."a a,b a.b fooBar fooBar.bazQux foo_bar Foo FooBar aB aBC a1 a1B a.1 1a a, ,a a,,b a. .a a..b * a.* é fooBar,foo_bar".split(
    " ",
  ),
  "",
  " a",
  "a ",
  "a, b",
];
const colors = [
  '"COLOR_RED"',
  '"COLOR_UNSPECIFIED"',
  '"color_red"',
  '"RED"',
  '""',
  '"1"',
  "1",
  "0",
  "1.0",
  "1e0",
  "7",
  "-1",
  "2147483647",
  "2147483648",
  "-2147483648",
  "1.5",
  "true",
  "null",
  '"COLOR_BLUE"',
];
const values = [
  "null",
  "true",
  "0",
  "-0",
  "-0.0",
  "1e400",
  "1.5",
  '"NaN"',
  '"a"',
  "[]",
  "[null]",
  "{}",
  '{"a":null}',
  '{"a":{"b":[1,{"c":true}]}}',
  '{"a":1,"a":2}',
  "[1,]",
  "9007199254740993",
  "01",
  "NaN",
];
const mapKeys = [
  ..."0 1 -1 -0 +1 01 1.0 1e0 2147483647 2147483648 9223372036854775807 9223372036854775808 18446744073709551615 true false TRUE 0x1 é".split(
    " ",
  ),
  "",
  " 1",
  "__proto__",
];

const anys = [
  "{}",
  '{"@type":"/probe.v1.P"}',
  '{"@type":"type.googleapis.com/probe.v1.P","s":"x"}',
  '{"s":"x","@type":"/probe.v1.P"}',
  '{"@type":"a/b/probe.v1.P","s":"x"}',
  '{"@type":"probe.v1.P","s":"x"}',
  '{"@type":"/probe.v1.P/","s":"x"}',
  '{"@type":"a/probe.v1.P/","s":"x"}',
  '{"@type":"/"}',
  '{"@type":""}',
  '{"@type":null}',
  '{"@type":1}',
  '{"s":"x"}',
  '{"@type":"/no.Such"}',
  '{"@type":"/no.Such","s":1}',
  '{"@type":"/probe.v1.P","@type":"/probe.v1.P"}',
  '{"@type":"/probe.v1.P","no":1}',
  '{"@type":"/probe.v1.P","value":1}',
  '{"@type":"/probe.v1.P","any":{"@type":"type.googleapis.com/probe.v1.P","s":"y"}}',
  '{"@type":"/google.protobuf.Any","value":{"@type":"/probe.v1.P","s":"y"}}',
  '{"@type":"/google.protobuf.Any","value":{}}',
  '{"@type":"/google.protobuf.Any"}',
  '{"@type":"/google.protobuf.Timestamp","value":"2024-01-01T00:00:00Z"}',
  '{"@type":"/google.protobuf.Timestamp","value":null}',
  '{"@type":"/google.protobuf.Timestamp"}',
  '{"@type":"/google.protobuf.Timestamp","value":"2024-01-01T00:00:00Z","x":1}',
  '{"@type":"/google.protobuf.Timestamp","seconds":1}',
  '{"@type":"/google.protobuf.Duration","value":"1s"}',
  '{"@type":"/google.protobuf.Int64Value","value":"9007199254740993"}',
  '{"@type":"/google.protobuf.Int64Value","value":null}',
  '{"@type":"/google.protobuf.StringValue","value":"x"}',
  '{"@type":"/google.protobuf.Struct","value":{"a":1}}',
  '{"@type":"/google.protobuf.Value","value":null}',
  '{"@type":"/google.protobuf.Value","value":1}',
  '{"@type":"/google.protobuf.ListValue","value":[1]}',
  '{"@type":"/google.protobuf.FieldMask","value":"a.b"}',
  '{"@type":"/google.protobuf.Empty"}',
  '{"@type":"/google.protobuf.Empty","value":{}}',
  '{"@type":"/google.protobuf.Empty","x":1}',
  '{"@type":"/probe.v1.Legacy","id":1}',
  '{"@type":"/probe.v1.Legacy"}',
  "null",
  "[]",
  '"x"',
];

const whole = [
  "",
  " ",
  "{}",
  " {} ",
  "\ufeff{}",
  "{}{}",
  "{} x",
  "{},",
  "[]",
  "null",
  "1",
  '"a"',
  "{",
  "}",
  '{"s"}',
  '{"s":}',
  '{s:"a"}',
  "{'s':'a'}",
  '{"s":"a",}',
  '{"s":"a" "b":true}',
  '{"s":"a";"b":true}',
  '{"s"="a"}',
  '{"s":"a"}//',
  '/**/{"s":"a"}',
  '{"s":"a"/**/}',
  '#\n{"s":"a"}',
  '{"s":"a","s":"b"}',
  '{"s":null,"s":"b"}',
  '{"s":"a","s":null}',
  '{"no":1}',
  '{"S":"a"}',
  '{"":1}',
  '{"i32":1,"i32":1}',
  '{"toString":"a"}',
  '{"to_string":"a"}',
  '{"toString":"a","to_string":"b"}',
  '{"toString":null,"to_string":"b"}',
  '{"constructor":"a","__proto__":"b","Proto":"d","Proto_":"x"}',
  '{"__proto__":"b"}',
  '{"Proto":"b"}',
  '{"Proto__":"b"}',
  '{"hasOwnProperty":1,"valueOf":"v","toJson":"j","typeName":"t"}',
  '{"renamed":"a"}',
  '{"otherName":"a"}',
  '{"otherName":"a","renamed":"a"}',
  '{"oa":"a"}',
  '{"oa":"a","ob":1}',
  '{"oa":"a","ob":null}',
  '{"oa":null,"ob":1}',
  '{"oa":null}',
  '{"oc":{}}',
  '{"oc":null}',
  '{"od":null}',
  '{"od":"NULL_VALUE"}',
  '{"od":0}',
  '{"od":1}',
  '{"oa":"a","od":null}',
  '{"od":null,"oa":"a"}',
  '{"nv":null}',
  '{"nv":"NULL_VALUE"}',
  '{"nv":0}',
  '{"nv":1}',
  '{"nv":"x"}',
  '{"rnv":[null]}',
  '{"rnv":[null,"NULL_VALUE",0]}',
  '{"v":null}',
  '{"st":null,"lv":null,"w":null,"t":null,"any":null,"e":null,"self":null}',
  '{"ri":null}',
  '{"ri":[]}',
  '{"ri":[null]}',
  '{"ri":[1,"2",3.0]}',
  '{"ri":1}',
  '{"ri":[[1]]}',
  '{"ri":[1,]}',
  '{"ri":[,1]}',
  '{"rp":[null]}',
  '{"rp":[{}]}',
  '{"rp":[{},{"s":"a"}]}',
  '{"rv":[null]}',
  '{"rv":[null,1,"a",[],{}]}',
  '{"rc":["COLOR_RED",1,7]}',
  '{"rc":[null]}',
  '{"rt":[null]}',
  '{"rany":[null]}',
  '{"rany":[{},{"@type":"/probe.v1.P"}]}',
  '{"m":null}',
  '{"m":{}}',
  '{"m":[]}',
  '{"m":{"a":null}}',
  '{"m":{"a":1,"a":2}}',
  '{"mi":{"1":"a","01":"b"}}',
  '{"mi":{"10":"x","9":"y","-1":"z"}}',
  '{"mb":{"true":"a","false":"b"}}',
  '{"mp":{"a":null}}',
  '{"mp":{"a":{}}}',
  '{"mu":{"1":"COLOR_RED","2":5}}',
  '{"mu":{"1":null}}',
  '{"e":{}}',
  '{"e":{"x":1}}',
  '{"e":null}',
  '{"self":{"self":{"i64":"1"}}}',
  '{"oi":0}',
  '{"oi":null}',
  '{"os":""}',
  '{"i64":0,"s":"","b":false,"d":0,"y":"","c":0}',
  '{"w":0}',
  '{"ws":""}',
  '{"@type":"/probe.v1.P"}',
  '{"[probe.v1.x]":1}',
];

const legacy = [
  "{}",
  '{"id":1}',
  '{"id":null}',
  '{"id":0}',
  '{"id":1,"closed":"CLOSED_ONE"}',
  '{"id":1,"closed":1}',
  '{"id":1,"closed":7}',
  '{"id":1,"closed":"NO"}',
  '{"id":1,"list":[1,"CLOSED_TWO"]}',
  '{"id":1,"list":[7]}',
  '{"id":1,"numbers":[1,2]}',
  '{"id":1,"text":""}',
  '{"id":1,"inner":{}}',
  '{"id":1,"inner":{"id":2}}',
  '{"id":1,"part":[{"n":1}]}',
  '{"id":1,"Part":[{"n":1}]}',
];

const quoted = (text: string) => `"${text}"`;
const spelled = (spellings: readonly string[]) => [
  ...spellings.filter((each) => each !== ""),
  ...spellings.map(quoted),
];

/** Field, and texts of its value. */
const byField: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ["i64", "u64", "s64", "f64", "i32", "u32", "oi", "ob", "w", "sf64", "f32", "sf32", "s32", "wu64"].map((name) => [
      name,
      spelled(integers),
    ]),
  ),
  ...Object.fromEntries(["d", "f", "wd", "wf"].map((name) => [name, spelled(floats)])),
  ...Object.fromEntries(["s", "os", "oa", "ws"].map((name) => [name, texts])),
  ...Object.fromEntries(["y", "wy"].map((name) => [name, base64.map(quoted)])),
  ...Object.fromEntries(["b", "wb"].map((name) => [name, bools])),
  c: colors,
  t: times.map(quoted),
  du: durations.map(quoted),
  fm: masks.map(quoted),
  v: values,
  st: values,
  lv: values,
  any: anys,
};

/** The edges: the same texts each time. */
export function edgeCases(): readonly JsonCase[] {
  const P = "probe.v1.P";
  return [
    ...whole.map((text) => ({ typeName: P, text })),
    ...Object.entries(byField).flatMap(([field, given]) =>
      given.map((value) => ({ typeName: P, text: `{"${field}":${value}}` })),
    ),
    ...["mi", "ml", "mb", "m"].flatMap((field) =>
      mapKeys.map((key) => ({ typeName: P, text: `{"${field}":{"${key}":${field === "m" ? "1" : '"x"'}}}` })),
    ),
    ...mapKeys.map((key) => ({ typeName: P, text: `{"mu":{"${key}":1}}` })),
    ...legacy.map((text) => ({ typeName: "probe.v1.Legacy", text })),
    // Nested as deeply as Java reads, and once more.
    ...[1, 50, 98, 99, 100, 101, 102, 150].flatMap((depth) => [
      { typeName: P, text: `${'{"self":'.repeat(depth)}{}${"}".repeat(depth)}` },
      { typeName: P, text: `{"v":${"[".repeat(depth)}${"]".repeat(depth)}}` },
      { typeName: P, text: `{"v":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}` },
    ]),
  ];
}

/** So many texts made by chance; the same for the same seed. */
export function randomCases(seed: number, count: number): readonly JsonCase[] {
  const random = generator(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const number = (): string => {
    const digits = (length: number) => Array.from({ length }, () => Math.floor(random() * 10)).join("");
    const sign = pick(["", "", "", "-"]);
    const whole = pick(["0", `${1 + Math.floor(random() * 9)}${digits(Math.floor(random() * 20))}`, digits(3)]);
    const fraction = pick(["", "", `.${digits(1 + Math.floor(random() * 4))}`, ".0", ".000"]);
    const exponent = pick([
      "",
      "",
      "",
      `e${Math.floor(random() * 22)}`,
      `e-${Math.floor(random() * 22)}`,
      `E+${Math.floor(random() * 330)}`,
      `e-${Math.floor(random() * 350)}`,
    ]);
    const text = sign + whole + fraction + exponent;
    return random() < 0.5 ? text : quoted(text);
  };
  const two = (max: number) => String(Math.floor(random() * max)).padStart(2, "0");
  const time = (): string =>
    quoted(
      `${pick(["2024", "2023", "0001", "9999", "1969", "1600"])}-${two(14)}-${two(33)}T${two(25)}:${two(61)}:${two(61)}${pick(["", "", `.${number().replace(/\D/g, "").slice(0, 10)}`])}${pick(["Z", "Z", `+${two(25)}:${two(61)}`, `-${two(13)}:${two(60)}`])}`,
    );
  const fields = Object.keys(byField);
  const value = (field: string): string => {
    if (random() < 0.5) {
      if (/^(?:i|u|s|f|oi|ob|w|wu|sf|d|wd|wf)\d*$/.test(field)) return number();
      if (field === "t") return time();
    }
    return pick(byField[field]!);
  };
  const message = (depth: number): string => {
    const parts: string[] = [];
    const count = Math.floor(random() * 5);
    for (let at = 0; at < count; at++) {
      const kind = random();
      if (kind < 0.7 || depth > 4) {
        const field = pick(fields);
        parts.push(`"${field}":${value(field)}`);
      } else if (kind < 0.8) parts.push(`"${pick(["self", "oc"])}":${message(depth + 1)}`);
      else if (kind < 0.85)
        parts.push(`"rp":[${Array.from({ length: Math.floor(random() * 3) }, () => message(depth + 1)).join(",")}]`);
      else if (kind < 0.9) parts.push(`"mp":{"k${Math.floor(random() * 3)}":${message(depth + 1)}}`);
      else if (kind < 0.95) parts.push(`"ri":[${Array.from({ length: Math.floor(random() * 3) }, number).join(",")}]`);
      else
        parts.push(
          `"any":{"@type":"${pick(["/", "type.googleapis.com/", "x/y/"])}probe.v1.P"${message(depth + 1)
            .replace(/^\{/, ",")
            .replace(/^,\}$/, "}")}`,
        );
    }
    return `{${parts.join(",")}}`;
  };
  return Array.from({ length: count }, () => ({ typeName: "probe.v1.P", text: message(0) }));
}

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
