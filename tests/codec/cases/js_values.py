"""JavaScript expressions for every row of the format: the values that devalue carries, by group.

A case is the source of an expression. Where it makes a ``Custom``, the reducers and revivers of
tests/node/describe.mjs for the names "C" and "D" apply.
"""

from __future__ import annotations

__all__ = ["CASES", "CYCLES_FROM_CUSTOM", "GROUPS"]


def quoted(code_points: list[int]) -> str:
    """A JavaScript string literal of UTF-16 code units."""
    return '"' + "".join(f"\\u{unit:04x}" for unit in code_points) + '"'


def sparse(length: int, *indices: int) -> str:
    items = ",".join(f"{index}:{index % 7}" for index in indices)
    return f"Object.assign([],{{length:{length},{items}}})"


PRIMITIVES = [
    "undefined", "null", "true", "false", "0", "-0", "1", "-1", "1.5", "NaN", "Infinity", "-Infinity",
    '""', '"a"', '"1"', "1n", "0n", "-1n",
]  # fmt: skip

# Where a value can stand; X is the value.
PLACES = {
    "root": "X",
    "array": "[X]",
    "array, twice": "[X,X]",
    "sparse": "Object.assign([],{length:40,7:X})",
    "object": "({k:X})",
    "null object": 'Object.assign(Object.create(null),{"k":X,"k-2":X})',
    "Map key": "new Map([[X,1]])",
    "Map value": 'new Map([["k",X]])',
    "Set": "new Set([X])",
    "boxed": "[Object(X)]",
    "beside others": '[1,"1",1n,true,X,[X],null,undefined]',
}

NUMBERS = [
    "0", "1", "-1", "9", "10", "99", "100", "123456789", "0.1", "0.2", "0.3", "0.1+0.2", "-0.5", "1/3", "2/3",
    "1e5", "1e15", "1e16", "1e17", "1e20", "1e21", "1e22", "1e23", "123e19", "123e20", "1e100", "1e300", "-1e21",
    "1e-1", "1e-5", "1e-6", "1e-7", "1.5e-6", "1.5e-7", "9.999999e-7", "0.000001", "0.0000011", "1e-10", "1e-100",
    "-1e-7", "123456.789", "1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "2.2250738585072014e-308",
    "2.225073858507201e-308", "2**31", "2**31-1", "-(2**31)", "2**32", "2**32-1", "2**53", "2**53-1", "2**53+2",
    "-(2**53)", "-(2**53-1)", "2**54", "2**63", "2**64", "-(2**63)", "2**70", "2**100", "1e21-1", "999999999999999900000",
    "999999999999999999999", "4.35", "0.000035", "3.14159", "100.25", "1e1", "12e10", "4294967295.5", "1.0", "5e0",
    "9007199254740993", "8.41e21", "9.5367431640625e-7", "6.103515625e-5", "5.0e-7", "1.25e-5", "1e+9", "2.5e25",
    "4.4501477170144023e-308", "7.120236347223045e-307", "2**-1074", "2**-1022", "2**-20", "2**-19", "1-2**-53",
]  # fmt: skip

STRINGS = [
    *(quoted([unit]) for unit in range(0x20)),
    *(quoted([unit]) for unit in (0x22, 0x26, 0x27, 0x2F, 0x3C, 0x3E, 0x5C, 0x60, 0x7F, 0x80, 0x85, 0x9F, 0xA0)),
    *(quoted([unit]) for unit in (0xFF, 0x100, 0x7FF, 0x800, 0x2027, 0x2028, 0x2029, 0x202A, 0xFEFF, 0xFFFE, 0xFFFF)),
    *(quoted([unit]) for unit in (0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000)),
    quoted([0xD83D, 0xDE00]),
    quoted([0xDE00, 0xD83D]),
    quoted([0xD83D, 0xD83D, 0xDE00]),
    quoted([0xD83D, 0xDE00, 0xDE00]),
    quoted([0x61, 0xD800, 0x62]),
    quoted([0xD800, 0x22]),
    quoted([0xD800, 0x5C]),
    quoted([0xDBFF, 0xDFFF]),
    '"</script><!--"',
    '"<<<>>>"',
    '"\\\\u003C"',
    '"a\\\\"',
    '"\\"quoted\\""',
    '"tab\\tnew\\nline\\rfeed\\fback\\b"',
    '"__proto__"',
    '"constructor"',
    '"Ünïcödé – naïve – 漢字 – 🎉"',
    '"\U0001f468‍\U0001f469‍\U0001f467"',
    '"e\\u0301"',
    '"x".repeat(15)',
    '"x".repeat(16)',
    '"x".repeat(31)+"<"',
    '"x".repeat(32)+"\\""',
    '"x".repeat(63)+"\\n"+"y".repeat(63)',
    '"é".repeat(33)+"<"',
    '"漢".repeat(17)+"\\u2028"',
    '"🎉".repeat(9)+"\\ud800"',
    '"x".repeat(10000)',
    '"\\\\".repeat(100)',
    '"\\u0000".repeat(40)',
]

BIGINTS = [
    "0n", "1n", "-1n", "9007199254740991n", "9007199254740992n", "-9007199254740993n", "2n**63n", "2n**64n-1n",
    "-(2n**63n)", "10n**100n", "-(10n**100n)", "7n**1000n", "10n**4299n", "10n**4300n", "10n**9999n",
]  # fmt: skip

OBJECTS = [
    "({})", "({a:1})", "({a:1,b:2})", '({"":1})', '({" ":1})', '({"a b":1})', '({"a\\"b":1})', '({"<script>":1})',
    '({"\\u2028":1})', '({"é":1})', '({"漢字":1,"🎉":2})', '({"\\ud800":1})', '({"\\\\":1})', '({"\\n":1})',
    "({constructor:1})", "({prototype:1})", "({toString:1})", "({hasOwnProperty:1,valueOf:2})", "({length:3})",
    '({"__proto":1,"_proto__":2,"proto":3})', "({then:1})", '({["a".repeat(100)]:1,["a".repeat(101)]:2})',
    "({a:{b:{c:{d:{}}}}})", "({a:undefined,b:null,c:NaN,d:-0})", '({"null":1,"Map":2,"-1":3})',
    "Object.fromEntries(Array.from({length:100},(_,i)=>['k'+i,i]))",
    "Array.from({length:20},(_,i)=>({id:i,name:'n'+i,ok:i%2==0}))",
]  # fmt: skip

# JavaScript puts canonical array indices first, in ascending order, whatever order they came in.
KEY_ORDER = [
    '({b:1,a:2,"1":3,"0":4})', '({"10":1,"9":2,"1":3})', '({"01":1,"1":2})', '({"-1":1,"1":2})', '({"1.5":1,"1":2})',
    '({"4294967294":1,"4294967295":2,"0":3})', '({"4294967295":1,"4294967294":2})', '({"4294967296":1,x:2,"5":3})',
    '({"9007199254740993":1,"3":2})', '({" 1":1,"1":2})', '({"1e3":1,"1000":2})', '({z:1,y:2,x:3,"2":1,"1":1})',
    'Object.assign(Object.create(null),{b:1,"2":2,a:3,"1":4})',
]  # fmt: skip

NULL_OBJECTS = [
    "Object.create(null)",
    "Object.assign(Object.create(null),{a:1})",
    "Object.assign(Object.create(null),{a:1,b:[2],c:Object.create(null)})",
    'Object.assign(Object.create(null),{"":1," ":2,"<":3,"\\"":4,"\\ud800":5})',
    "Object.assign(Object.create(null),{constructor:1,toString:2,hasOwnProperty:3})",
    "Object.assign(Object.create(null),{a:undefined,b:NaN,c:-0,d:null})",
    "[Object.create(null),{}]",
]

ARRAYS = [
    "[]", "[[]]", "[[],[]]", "[1,2,3]", "[1,1,1]", "[[1],[1]]", "[undefined]", "[,]", "[,,]", "[,1]", "[1,,]",
    "[1,,2]", "[,1,,2,,]", "[undefined,,null]", "[[,],[,]]", "[1,2,3,4,5,6,7,8,9,,]", "Array(3)", "Array(1)",
    "Array(2)", "[NaN,Infinity,-Infinity,-0,undefined,,]", "Array.from({length:300},(_,i)=>i)",
    "Array.from({length:300},()=>'same')", "[[[[[[[[[[]]]]]]]]]]", "[true,false,true,false,null,null]",
    "[0,-0,0,-0]", '["a","a","b"]', "[1,1.0,'1',1n,true]", "[2n,2,2n,'2']", "Object.assign([1,2],{extra:3})",
]  # fmt: skip

# (L-P)*3 > 4+d+P*(d+1) decides; these stand on both sides of it for each number of digits.
SPARSE = [
    *(f"Array({length})" for length in (1, 2, 3, 9, 10, 11, 99, 100)),
    *(sparse(length, 0) for length in range(2, 8)),
    *(sparse(length, length - 1) for length in range(2, 8)),
    *(sparse(9, *range(populated)) for populated in range(9)),
    *(sparse(10, *range(populated)) for populated in range(10)),
    *(sparse(99, *range(populated)) for populated in (45, 46, 47, 48, 49, 50)),
    *(sparse(100, *range(populated)) for populated in (39, 40, 41, 42, 43)),
    *(sparse(1000, *range(0, 2 * populated, 2)) for populated in (372, 373, 374, 375)),
    *(sparse(8, 7 - populated, 7) for populated in range(1, 6)),
    sparse(1_000_001, 1_000_000),
    sparse(4_294_967_295, 4_294_967_294),
    sparse(4_294_967_295),
    sparse(4_294_967_295, 0, 5, 4_294_967_294),
    sparse(2**31, 2**31 - 1),
    "Object.assign([],{length:100,50:undefined,60:NaN,70:null,80:-0})",
    "Object.assign([],{length:100,10:Object.assign([],{length:200,20:1})})",
    "[Array(50),Array(50)]",
    "(a=>[a,a])(Array(50))",
    "(a=>(a[10]=a,a))(Array(50))",
    "Object.assign([],{length:60,5:1,extra:2})",
]

MAPS = [
    "new Map()", "new Map([[1,2]])", "new Map([[1,2],[3,4]])", 'new Map([[1,"a"],["1","b"],[1n,"c"],[true,"d"]])',
    "new Map([[NaN,1]])", "new Map([[NaN,1],[NaN,2]])", "new Map([[0,1],[-0,2]])", "new Map([[-0,1]])",
    "new Map([[undefined,undefined],[null,null]])", "new Map([[Infinity,1],[-Infinity,2]])", "new Map([['__proto__',1]])",
    "new Map([[{},1],[{},2]])", "new Map([[[],[]]])", "new Map([[new Map(),new Map()]])", "new Map([[new Date(0),1]])",
    "new Map([[/a/,1],[/a/,2]])", "new Map([['b',1],['a',2],['b',3]])", "new Map([[1.5,1],['1.5',2]])",
    "new Map([[2n**70n,1],[2n**70n,2]])", "new Map([[Object(1),1],[1,2],[Object(1),3]])",
    "new Map(Array.from({length:200},(_,i)=>[i,'v'+i%3]))", "new Map([[new Set([1]),new Set([1])]])",
    "(k=>new Map([[k,1],[{},2],[[],k]]))({})", "new Map([[false,0],[0,false],['',null]])",
    "new Map([['',1],['a',2],['\\ud800',3],['<',4]])", "new Map([[new URL('http://a.b'),1]])",
]  # fmt: skip

SETS = [
    "new Set()", "new Set([1])", "new Set([1,'1',1n,true,null,undefined])", "new Set([NaN])", "new Set([NaN,NaN])",
    "new Set([0,-0])", "new Set([-0])", "new Set([{},{}])", "new Set([[],[]])", "new Set([new Set([new Set()])])",
    "new Set(['b','a','c'])", "new Set([3,1,2])", "new Set([Infinity,-Infinity])", "new Set([1.5,2.5,-1.5])",
    "new Set([new Date(0),new Date(0)])", "new Set([true,1,false,0])", "new Set([Object('a'),'a'])",
    "new Set(Array.from({length:200},(_,i)=>i*i))", "new Set([2n**70n,2n**70n])", "(o=>new Set([o,[o]]))({})",
]  # fmt: skip

DATES = [
    "new Date(0)", "new Date(1)", "new Date(-1)", "new Date(999)", "new Date(NaN)", "new Date(8.64e15)",
    "new Date(-8.64e15)", "new Date(1704164645678)", "new Date('0001-01-01T00:00:00.000Z')",
    "new Date('0000-12-31T23:59:59.999Z')", "new Date('9999-12-31T23:59:59.999Z')",
    "new Date('+010000-01-01T00:00:00.000Z')", "new Date('-000001-06-15T12:30:45.678Z')", "new Date('0000-01-01')",
    "new Date('0099-01-01T00:00:00Z')", "new Date('0100-02-28T00:00:00Z')", "new Date('1582-10-10T00:00:00Z')",
    "new Date('2000-02-29T23:59:59.001Z')", "new Date('1900-02-28T23:59:59.010Z')", "new Date('1969-12-31T23:59:59.999Z')",
    "new Date('2024-12-31T23:59:59.100Z')", "new Date(-62135596800000)", "new Date(-62135596800001)",
    "new Date(253402300799999)", "new Date(253402300800000)", "new Date(2**31*1000)", "[new Date(0),new Date(0)]",
    "(d=>[d,d])(new Date(0))", "(d=>[d,d])(new Date(NaN))", "({d:new Date(NaN)})",
]  # fmt: skip

REGEXPS = [
    "/a+/", "/a+/gi", "/a/dgimsuy", "/a/dgimsvy", "/a/y", "new RegExp('')", "new RegExp('/')", "/\\//", "/[/]/",
    "new RegExp('\\n')", "new RegExp('\\u2028')", "/\\n\\r\\t/", "/\"/", "/\\\\/", "/</", "/[\\]<>&]/", "/é漢🎉/u",
    "/\\p{L}/u", "/\\p{RGI_Emoji}/v", "/(?<year>\\d{4})/", "/(?<=a)b(?!c)/", "/^$/m", "/./s", "/a{2,3}?/", "/\\cA\\0\\x41/",
    "/[\\b]/", "/(?:a|b)\\1/", "/(?i:a)b/", "(r=>[r,r])(/x/g)", "[/x/g,/x/g]", "/\\ud83d\\ude00/", "new RegExp('\\ud800')",
]  # fmt: skip

BOXED = [
    "Object('')", "Object('a')", "Object(0)", "Object(-0)", "Object(1.5)", "Object(NaN)", "Object(Infinity)",
    "Object(-Infinity)", "Object(true)", "Object(false)", "Object(1n)", "Object(2n**70n)", "[Object('a'),'a']",
    "['a',Object('a')]", "[Object('a'),Object('a')]", "(b=>[b,b])(Object('a'))", "[Object(1),1,Object(1n),1n]",
    "({a:Object(NaN),b:NaN})", "new Map([[Object('k'),Object('v')]])", "[Object(-0),Object(0),0,-0]",
    "Object('<\\u2028\\ud800')",
]  # fmt: skip

URLS = [
    "new URL('https://a.b/')", "new URL('https://a.b')", "new URL('http://user:pass@a.b:8080/p/a/t/h?q=1&r=2#frag')",
    "new URL('HTTPS://EXAMPLE.COM/A B')", "new URL('http://a.b/é漢?ü=ö#ß')", "new URL('http://müller.de/')",
    "new URL('http://a.b/../c/./d')", "new URL('file:///etc/passwd')", "new URL('mailto:a@b.c')",
    "new URL('data:text/plain,<hi>')", "new URL('javascript:alert(1)')", "new URL('http://[::1]:3000/')",
    "new URL('http://127.1/')", "new URL('about:blank')", "new URL('blob:https://a.b/uuid')", "new URL('http://a.b:80/')",
    "new URL('http://a.b/?<>\"')", "new URL('urn:isbn:123')", "(u=>[u,u])(new URL('http://a.b'))",
    "[new URL('http://a.b'),'http://a.b/',new URL('http://a.b')]",
]  # fmt: skip

SEARCH_PARAMS = [
    "new URLSearchParams()", "new URLSearchParams('')", "new URLSearchParams('a=1')", "new URLSearchParams('?a=1')",
    "new URLSearchParams('a=1&b=2&a=3')", "new URLSearchParams('a')", "new URLSearchParams('a=&=b')",
    "new URLSearchParams('a=b=c')", "new URLSearchParams([['é','漢 字'],['+',' '],['&','=']])",
    "new URLSearchParams([['a*b','c-d._~!']])", "new URLSearchParams('a=%20+%2B')", "new URLSearchParams([['<','\"']])",
    "new URLSearchParams([['\\ud800','🎉']])", "(p=>[p,p])(new URLSearchParams('x=1'))", "new URLSearchParams('a=1;b=2')",
    "new URLSearchParams([['\\n','\\r\\n\\0']])", "new URL('http://a.b/?x=1').searchParams",
]  # fmt: skip

VIEW_SIZES = {
    "Int8Array": 1, "Uint8Array": 1, "Uint8ClampedArray": 1, "Int16Array": 2, "Uint16Array": 2, "Float16Array": 2,
    "Int32Array": 4, "Uint32Array": 4, "Float32Array": 4, "Float64Array": 8, "BigInt64Array": 8, "BigUint64Array": 8,
}  # fmt: skip

TYPED_ARRAYS = [
    *(f"new {kind}()" for kind in VIEW_SIZES),
    *(f"new {kind}(3)" for kind in VIEW_SIZES),
    *(f"new {kind}(Uint8Array.from({{length:{4 * size}}},(_,i)=>i*37).buffer)" for kind, size in VIEW_SIZES.items()),
    *(f"new {kind}(new ArrayBuffer({5 * size}),{size},2)" for kind, size in VIEW_SIZES.items()),
    *(f"new {kind}(new ArrayBuffer({5 * size}),{size * 5})" for kind, size in VIEW_SIZES.items()),
    *(f"new {kind}(new ArrayBuffer({2 * size}),0,0)" for kind, size in VIEW_SIZES.items()),
    "new Float64Array([0,-0,NaN,Infinity,-Infinity,0.1,5e-324])",
    "new Float32Array([0,-0,NaN,1e-45,3.4e38])",
    "new Float16Array([0,-0,NaN,65504,6e-8])",
    "new BigInt64Array([-1n,2n**63n-1n])",
    "new BigUint64Array([2n**64n-1n])",
    "new Uint8Array([1,2,3,4]).subarray(1,3)",
    "(b=>[new Uint8Array(b),new Uint16Array(b),b])(new ArrayBuffer(8))",
    "(b=>[b,new Uint8Array(b,2,3),new DataView(b,1,2),new Float32Array(b,4)])(new ArrayBuffer(8))",
    "(v=>[v,v])(new Uint8Array([1,2]))",
    "[new Uint8Array([1]),new Uint8Array([1])]",
    "new Uint32Array(new ArrayBuffer(12),4,1)",
    "Buffer.from('hello')",
    "Buffer.from('hello').subarray(1,3)",
    "new Uint8Array(1000).fill(255)",
]

BUFFERS = [
    "new ArrayBuffer(0)", "new ArrayBuffer(1)", "new ArrayBuffer(2)", "new ArrayBuffer(3)",
    "Uint8Array.from({length:256},(_,i)=>i).buffer", "Uint8Array.of(0xfb,0xff,0xfe).buffer",
    "(b=>[b,b])(new ArrayBuffer(4))", "[new ArrayBuffer(4),new ArrayBuffer(4)]", "new Map([[new ArrayBuffer(1),1]])",
    *(f"Uint8Array.from({{length:{n}}},(_,i)=>i*89).buffer" for n in range(1, 14)),
    "new ArrayBuffer(8,{maxByteLength:16})",
]  # fmt: skip

DATA_VIEWS = [
    "new DataView(new ArrayBuffer(0))", "new DataView(new ArrayBuffer(4))", "new DataView(new ArrayBuffer(4),1)",
    "new DataView(new ArrayBuffer(4),1,2)", "new DataView(new ArrayBuffer(4),4)", "new DataView(new ArrayBuffer(4),0,0)",
    "new DataView(Uint8Array.of(1,2,3,4,5).buffer,3,1)", "(b=>[new DataView(b),new DataView(b,2)])(new ArrayBuffer(5))",
]  # fmt: skip

TEMPORALS = {
    "Instant": [
        "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123456789Z", "1970-01-01T00:00:00Z", "-271821-04-20T00:00:00Z",
        "+275760-09-13T00:00:00Z", "-000001-01-01T00:00:00.5Z",
    ],
    "ZonedDateTime": [
        "2024-01-02T03:04:05+01:00[Europe/Berlin]", "2024-07-02T03:04:05.000000001-04:00[America/New_York]",
        "2024-01-02T00:00:00+00:00[UTC]", "2024-01-02T00:00:00+05:30[+05:30]",
        "2024-01-02T00:00:00+00:00[UTC][u-ca=hebrew]",
    ],
    "PlainDateTime": ["2024-01-02T03:04:05", "2024-01-02T03:04:05.1", "-000123-01-02T00:00:00", "2024-01-02T03:04:05[u-ca=roc]"],
    "PlainDate": ["2024-01-02", "+010000-01-01", "-000044-03-15", "2024-02-29[u-ca=japanese]"],
    "PlainTime": ["00:00:00", "03:04:05", "23:59:59.999999999", "12:30:00.5"],
    # (Node 24 aborts when it writes these two in another calendar.)
    "PlainYearMonth": ["2024-01", "-000044-03", "+275760-09"],
    "PlainMonthDay": ["01-02", "02-29"],
    "Duration": [
        "P1Y2M3W4DT5H6M7.008009001S", "PT0S", "-P1D", "P1D", "PT1.5S", "PT36H", "-PT0.000000001S", "P10000Y",
    ],
}  # fmt: skip

TEMPORAL = [
    *(f"Temporal.{kind}.from('{text}')" for kind, texts in TEMPORALS.items() for text in texts),
    "(t=>[t,t])(Temporal.PlainDate.from('2024-01-02'))",
    "[Temporal.PlainDate.from('2024-01-02'),Temporal.PlainDate.from('2024-01-02')]",
    "new Map([[Temporal.Duration.from('P1D'),Temporal.PlainTime.from('00:00')]])",
]

CUSTOM = [
    "new Custom('C',1)", "new Custom('C','x')", "new Custom('C',[])", "new Custom('C',{})", "new Custom('C',true)",
    "new Custom('C',Infinity)", "new Custom('C',-Infinity)", "new Custom('C',[undefined])", "new Custom('C',5n)",
    "new Custom('C',new Date(0))", "new Custom('C',new Map([[1,2]]))", "new Custom('C',Object.create(null))",
    "new Custom('C',new Custom('D',1))", "new Custom('C',new Custom('C',1))", "[new Custom('C',[1]),new Custom('C',[1])]",
    "(c=>[c,c])(new Custom('C',[1]))", "(p=>[p,new Custom('C',p),p])([1])", "({a:new Custom('C',{x:1}),b:new Custom('D',{x:1})})",
    "new Map([[new Custom('C','k'),new Custom('D','v')]])", "new Set([new Custom('C','k'),new Custom('C','k')])",
    "['x',new Custom('C','x'),'x']", "Object.assign([],{length:40,7:new Custom('C','x')})",
    "new Custom('C',Object('x'))", "new Custom('C',new Uint8Array([1,2]))", "new Custom('C',Array(50))",
]  # fmt: skip

# Every kind of object, to be shared in every place.
KINDS = {
    "array": "[1]", "sparse array": "Array(50)", "object": "{a:1}", "null object": "Object.create(null)",
    "Map": "new Map([[1,2]])", "Set": "new Set([1])", "Date": "new Date(0)", "invalid Date": "new Date(NaN)",
    "RegExp": "/a/g", "boxed": "Object('b')", "URL": "new URL('http://a.b')", "params": "new URLSearchParams('a=1')",
    "ArrayBuffer": "new ArrayBuffer(2)", "typed array": "new Int16Array(2)", "DataView": "new DataView(new ArrayBuffer(2))",
    "Temporal": "Temporal.PlainDate.from('2024-01-02')", "custom": "new Custom('C',[1])",
}  # fmt: skip

SHARING = [
    f"(x=>{place})({value})"
    for value in KINDS.values()
    for place in (
        "[x,x]", "({a:x,b:[x]})", "new Map([[x,x]])", "[new Set([x]),x]", "Object.assign(Object.create(null),{a:x,b:x})",
        "Object.assign([],{length:40,7:x,8:x})", "[new Custom('D',[x]),x]",
    )
]  # fmt: skip

# How each container is made empty, and how it takes a member.
CONTAINERS = {
    "array": ("[]", "c.push(x)"),
    "sparse array": ("Array(50)", "c[7]=x"),
    "object": ("{}", "c.k=x"),
    "null object": ("Object.create(null)", "c.k=x"),
    "Map key": ("new Map()", "c.set(x,1)"),
    "Map value": ("new Map()", "c.set('k',x)"),
    "Set": ("new Set()", "c.add(x)"),
    "custom": ("new Custom('C')", "c.payload=x"),
}

CYCLES = [
    *(f"((c,x=c)=>({put},c))({make})" for name, (make, put) in CONTAINERS.items() if name != "custom"),
    *(
        f"((a,b)=>{{((c,x)=>{{{put_outer}}})(a,b);((c,x)=>{{{put_inner}}})(b,a);return a}})({outer},{inner})"
        for outer_name, (outer, put_outer) in CONTAINERS.items()
        for inner_name, (inner, put_inner) in CONTAINERS.items()
        if outer_name != "custom"
    ),
    "(a=>(a.push(a,a,[a]),a))([])",
    "(o=>(o.self=o,o.list=[o,{o}],o))({})",
    "((a,b)=>(a.push(b),b.push(a),[b,a]))([],[])",
    "((m,s)=>(m.set(s,m),s.add(m),({m,s})))(new Map(),new Set())",
    "(m=>(m.set(m,m),m))(new Map())",
    "(m=>(m.set('a',1).set('b',m).set('c',2),m))(new Map())",
    "(a=>{let t=a;for(let i=0;i<200;i++)t.push(t=[]);t.push(a);return a})([])",
    "(c=>(c.payload={c,d:[c]},[c.payload,c]))(new Custom('C'))",
    "((c,d)=>(c.payload=[d],d.payload=[c],[c.payload,d.payload]))(new Custom('C'),new Custom('D'))",
]

# JavaScript itself does not read these back as they were: it revives the custom value at the root twice, so
# that its payload holds a copy of it (see test_js_values.py).
CYCLES_FROM_CUSTOM = [
    f"((b)=>{{const a=new Custom('C',b);((c,x)=>{{{put}}})(b,a);return a}})({make})"
    for name, (make, put) in CONTAINERS.items()
    if name != "custom"
]

DEPTH = [
    "(()=>{let a=[];for(let i=0;i<999;i++)a=[a];return a})()",
    "(()=>{let a={};for(let i=0;i<999;i++)a={a};return a})()",
    "(()=>{let a=new Map();for(let i=0;i<999;i++)a=new Map([[1,a]]);return a})()",
    "(()=>{let a=new Map();for(let i=0;i<999;i++)a=new Map([[a,1]]);return a})()",
    "(()=>{let a=new Set();for(let i=0;i<999;i++)a=new Set([a]);return a})()",
    "(()=>{let a=Object.create(null);for(let i=0;i<999;i++)a=Object.assign(Object.create(null),{a});return a})()",
    "(()=>{let a=1;for(let i=0;i<400;i++)a=new Custom('C',[a]);return a})()",
]

MIXED = [
    "({date:new Date(0),map:new Map([['a',new Set([1,2])]]),big:10n**20n,re:/x/g,un:undefined,nan:NaN,neg:-0,list:[,1]})",
    "({user:{id:1,name:'Ann'},cart:[{sku:'a',n:2},{sku:'b',n:1}],seen:new Set(['a','b']),since:new Date(1e12)})",
    "[1,'1',1n,true,null,undefined,NaN,-0,0,'',[],{},new Map(),new Set(),/a/,new Date(0),Object(1),Object.create(null)]",
    "(s=>[s,{[s]:s},new Map([[s,s]]),new Set([s]),Object(s)])('shared')",
    "(o=>[o,o,{o},new Map([[o,o]]),new Set([o])])({x:1})",
    "Array.from({length:50},(_,i)=>[i,String(i),BigInt(i),i/2,i%2==0,{i}])",
    "[[-1],[-2],[-3],[-7,5],['Map',1],['null'],['Date',0]]",
    "['Map','Set','Date','null','Object','BigInt','RegExp','Int8Array','URL','ArrayBuffer']",
    "[['Date','2024-01-01'],['C',1],['Unknown',2]]",
    "({0:'a',1:'b',length:2})",
]

GROUPS: dict[str, list[str]] = {
    "places": [place.replace("X", value) for value in PRIMITIVES for place in PLACES.values()
               if not (value in ("undefined", "null") and "Object(X)" in place)],
    "numbers": NUMBERS,
    "numbers in arrays": [f"[{number},-({number})]" for number in NUMBERS],
    "strings": STRINGS,
    "string keys": [f"({{[{string}]:{string}}})" for string in STRINGS if string != '"__proto__"'],
    "bigints": BIGINTS,
    "objects": OBJECTS,
    "key order": KEY_ORDER,
    "null objects": NULL_OBJECTS,
    "arrays": ARRAYS,
    "sparse arrays": SPARSE,
    "maps": MAPS,
    "sets": SETS,
    "dates": DATES,
    "regexps": REGEXPS,
    "boxed": BOXED,
    "urls": URLS,
    "search params": SEARCH_PARAMS,
    "typed arrays": TYPED_ARRAYS,
    "buffers": BUFFERS,
    "data views": DATA_VIEWS,
    "temporal": TEMPORAL,
    "custom": CUSTOM,
    "sharing": SHARING,
    "cycles": CYCLES,
    "depth": DEPTH,
    "mixed": MIXED,
}  # fmt: skip

# The same expression may serve two groups; a test runs it once.
CASES: list[str] = list(dict.fromkeys(source for sources in GROUPS.values() for source in sources))
