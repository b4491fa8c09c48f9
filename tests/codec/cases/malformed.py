"""Texts that devalue does not write: what is wrong with each is its group. Some of them JavaScript takes all the same."""

from __future__ import annotations

__all__ = ["GROUPS", "OWN_REFUSALS"]

SYNTAX = [
    "", " ", "\n", "\ufeff[1]", "\ufeff", "NaN", "Infinity", "-Infinity", "[NaN]", "[Infinity]", "[-Infinity]", "undefined",
    "[undefined]", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1]]", "[1]x", "[1],", "[1] [2]", "{", "}",
    '[{"a"}]', '[{"a":}]', '[{"a":1,}]', '[{,"a":1}]', "[{a:1}]", "[{'a':1}]", '[{"a":1 "b":2}]', '[{"a" 1}]', '[{1:1}]',
    '[{"a":1]', '["a]', '["a', '[a"]', "['a']", '["\\x"]', '["\\u12"]', '["\\u12g4"]', '["\\"]', '["\\', '["\\u', '["\\ud800\\u"]',
    '["\n"]', '["\t"]', '["\x00"]', '["\x1f"]', '[{"\n":1}]', "[01]", "[-01]", "[1.]", "[.5]", "[+1]", "[1e]", "[1e+]", "[1E-]",
    "[-]", "[--1]", "[0x10]", "[1_000]", "[1n]", "[1.5.5]", "[1e5e5]", "[1e1.5]", "[00]", "[-.5]", "[2.e3]", "[0e]", "[1,2", "[١]",
    "[tru]", "[True]", "[TRUE]", "[truee]", "[nul]", "[nulll]", "[fals]", "[falsey]", "[None]", "// c\n[1]", "[1/*c*/]", "[1]//c",
    "#[1]", "\x0b[1]", "\xa0[1]", "\u2028[1]", "[1\x0c]", "\x00[1]", "[1]\x00", '["a"\x00]', "1 2", "-", "- 1", "[-\n1]", "--1",
    "[[1]", "[[[[[[", "[" * 10_000, "[" * 10_000 + "]" * 9_999, '[{"a":' * 5_000, '["\ud800]', "[\ud800]", "\ud800", "[1e1000000",
    '["abc\\', '[{"a":"b\\"}]', "[1;2]", "(1)", "<1>", '[""""]', '["a""b"]', '["a"b]', "[]]", "{}}", "[{}}]", "[[]}]", "a", "'",
]  # fmt: skip

ROOTS = [
    "null", "true", "false", '"a"', '""', '"-1"', "{}", '{"0":1}', "[]", "0", "1", "-0", "-0.0", "-2", "-7", "-8", "-9", "0.5",
    "-1.5", "-3.0000001", "1e400", "-1e400", "1e-400", "99", "4294967296", "-1", "-3", "-4", "-5", "-6", " -1 ", "-1.0", "-10e-1",
    "-3e0", "\t-4\n", "-6.000", "-60E-1", "[[]]", "[{}]", '["a"]', "[null]", "[true]", "[-1]", "[-2]", "[-0]", "[1e999]", "[-1e999]", "[5]",
    "[1.0]", "[-0.0]", "[0.1e1]", "[1E2]", "[1e-7]", "[123456789012345678901234567890]", "[9007199254740993]", "[1.7976931348623159e308]",
    "[5e-325]", "[0.1000000000000000055511151231257827]", " [ 1 ] ", '[ {"a" : 1 } , 2 ]', '["\\u0041\\/\\b"]', '["\\ud83d\\ude00"]',
    '["\\ud800"]', '["\\ude00\\ud83d"]', '["\\uD83D\\uDE00"]', '["\\u00e9é"]', '["/"]', '["\\/"]', '["\x7f"]', '["\u2028"]',
]  # fmt: skip

INDICES = [
    "[[1]]", "[[5]]", "[[1,2],3]", '[{"a":99}]', '[{"a":1}]', "[[1e400]]", "[[-1e400]]", "[[1.5]]", "[[1.5],1,2]", "[[0.5],1]",
    "[[1.0],7]", "[[1e0],7]", "[[10e-1],7]", "[[-0],7]", "[[-0.0],7]", "[[0]]", "[[0,0,0]]", '[{"a":0}]', "[[-8]]", "[[-100]]",
    "[[-9007199254740993]]", '[["1"],1]', '[["1",1],1]', "[[1,\"1\"],1]", "[[null],1]", "[[true],1]", "[[false]]", "[[[]],1]",
    "[[[1]],1]", "[[{}],1]", '[{"a":"1"},1]', '[{"a":null},1]', '[{"a":true},1]', '[{"a":[]},1]', '[{"a":{}},1]', '[{"a":[1]},1]',
    "[[1,-7],1]", "[[-7]]", "[[1,-7,5],1]", '[{"a":-7}]', '[["Map",-7,1],1]', '[["Set",-7]]', "[[4294967295],1]", "[[4294967296],1]",
    "[[-1,-3,-4,-5,-6]]", "[[-1.0,-30e-1]]", '[{"a":-1,"b":-3,"c":-4,"d":-5,"e":-6}]', '[["Set",-1,-3,-3,-4,-5,-6]]',
    '[["Map",-1,-3,-4,-5]]', '[["null","a",-1,"b",-6]]', "[[-2]]", "[[-2,-2]]", "[[1,-2,2],7,8]", "[[-2.0]]", "[[-20e-1]]", '[{"a":-2}]',
    '[["Map",-2,1],1]', '[["Map",1,-2],1]', '[["Set",-2]]', '[["null","a",-2]]', "[[-7,3,1,-2]]", '[["Object",-2]]', '[["C",-2]]',
    "[[1],[2],[3],[0]]", "[[2,1],[0],[0]]", '[[1,1],{"a":1}]', "[[1],[1]]", "[[1],[2],[1]]",
]  # fmt: skip

TAGS = [
    '[["Unknown"]]', '[["Unknown",1]]', '[["unknown",1],1]', '[["map",1,2],1,2]', '[["set"]]', '[["date",""]]', '[["",1],1]', '[["C",1],1]',
    '[["Array",1],1]', '[["Function",1],1]', '[["Symbol",1],1]', '[["Promise",1],1]', '[["Error",1],1]', '[["WeakMap"]]', '[["undefined"]]',
    '[["__proto__",1],1]', '[["constructor",1],1]', '[["toString",1],1]', '[["hasOwnProperty",1],1]', '[["Temporal"]]', '[["Temporal.",""]]',
    '[["Temporal.Now","x"]]', '[["Temporal.Calendar","iso8601"]]', '[["SharedArrayBuffer",""]]', '[["Float128Array",1],["ArrayBuffer",""]]',
    '[["Map"]]', '[["Set"]]', '[["null"]]', '[["Date"]]', '[["RegExp"]]', '[["BigInt"]]', '[["Object"]]', '[["URL"]]', '[["URLSearchParams"]]',
    '[["ArrayBuffer"]]', '[["Uint8Array"]]', '[["DataView"]]', '[["Temporal.PlainDate"]]', '[["Null"]]', '[["NULL"]]', '[["Map ",1,1],1]',
]  # fmt: skip

CONTAINERS = [
    '[["Map",1],1]', '[["Map",1,1,1],1]', '[["Map",1,9],1]', '[["Map",9,1],1]', '[["Map","a",1],1]', '[["Map",1,"a"],1]', '[["Map",null,1],1]',
    '[["Map",0,0]]', '[["Map",1,2,1,3],"k",1,2]', '[["Map",1,2,3,4],"k",1,["BigInt","1"],2]', '[["Map",1,1,2,2],1,1]', '[["Map",1,1,2,2],"a","a"]',
    '[["Set",0]]', '[["Set",1,1],1]', '[["Set",1,2],1,1]', '[["Set",9]]', '[["Set","a"]]', '[["Set",1,2],1.0,1]', '[["Set",1,2],0,-0]',
    '[["null",1,2],1,2]', '[["null","a"]]', '[["null","a",1,"b"],1]', '[["null","a",9]]', '[["null","a","b"]]', '[["null","a",1,"a",2],1,2]',
    '[["null",null,1],1]', '[["null",["a"],1],1]', '[["null",true,1],1]', '[["null","__proto__",1],1]', '[["null","a",1,"__proto__",1],1]',
    '[["null","__proto__"]]', '[["null","constructor",1],1]', '[["null","a",0]]', '[["null",-1,1],1]', '[["null",{},1],1]', '[["null",1.5,1],1]',
    '[{"__proto__":1},1]', '[{"a":1,"__proto__":1},1]', '[{"__proto__":9}]', '[{"\\u005f_proto__":1},1]', '[[1],{"__proto__":2},{}]', '[{"a":9,"__proto__":1},1]',
    '[{"constructor":1},1]', '[{"prototype":1},1]', '[{"toString":1,"valueOf":1},1]', '[{"__defineGetter__":1},1]', '[{"a":1,"a":2},1,2]',
    '[{"a":1,"b":2,"a":2},1,2]', '[{"a":9,"a":1},1]', '[{"__proto__":1,"__proto__":1},1]', '[{"":1},1]', '[["Map",1,2],"__proto__",1]',
    '[["Set",1],"__proto__"]', '["__proto__"]',
]  # fmt: skip

SPARSE = [
    "[[-7]]", "[[-7,0]]", "[[-7,3]]", "[[-7,3,0]]", "[[-7,3,0,1],5]", "[[-7,3,0,1,1],5]", "[[-7,3,3,1],5]", "[[-7,3,2,1],5]", "[[-7,3,-1,1],5]",
    "[[-7,3,0.5,1],5]", "[[-7,3,1.0,1],5]", '[[-7,3,"1",1],5]', "[[-7,3,null,1],5]", "[[-7,3,0,9],5]", '[[-7,3,0,"1"],5]', "[[-7,3,0,0]]",
    "[[-7,-1]]", "[[-7,1.5]]", "[[-7,1e400]]", '[[-7,"3"]]', "[[-7,null]]", "[[-7,true]]", "[[-7,[3]]]", "[[-7,4294967295]]", "[[-7,4294967296]]",
    "[[-7,4294967295,4294967294,1],5]", "[[-7,4294967295,4294967295,1],5]", "[[-7,9007199254740993]]", "[[-7,3.0]]", "[[-7,30e-1,20e-1,1],5]",
    "[[-7,-0]]", "[[-7,3,-0,1],5]", "[[-7,3,1,1,1,2],5,6]", "[[-7,5,4,1,0,2],5,6]", "[[-7,3,0,-1,1,-3,2,-6]]", "[[-7.0,3]]", "[[-70e-1,3]]",
    "[[-7,3,0,-7]]", "[[-7,3,-7,1],5]", "[[-7,3],1]", "[[-7,0,0,1],1]", "[[-7,1,0,0]]", "[[1],[-7,2,0,0,1,1]]",
]  # fmt: skip

BOXED = [
    '[["Object",0]]', '[["Object",1],[]]', '[["Object",1],{}]', '[["Object",1],null]', '[["Object",1],["BigInt","1"]]', '[["Object",1],["Object",2],1]',
    '[["Object",1],["Date",""]]', '[["Object",9]]', '[["Object",-1]]', '[["Object",-2]]', '[["Object",-3]]', '[["Object",-4]]', '[["Object",-5]]',
    '[["Object",-6]]', '[["Object",-7]]', '[["Object",-8]]', '[["Object","a"]]', '[["Object",null]]', '[["Object",1.5],1,2]', '[["Object",1,2],"a"]',
    '[["Object",1],"a"]', '[["Object",1],true]', '[["Object",1],-1]', '[["Object",1],["BigInt"]]', '[["Object",1],["BigInt","x"]]', '[["Object",-3.0]]',
    '[["Object",1.0],"a"]', '[["Object",[1]],"a"]', '[["Object",{}],"a"]', '[["Object",true],"a"]', '[["Object",1],[-7,3]]', '[["Object",1],["Map"]]',
]  # fmt: skip

LEAVES = [
    '[["Date","x"]]', '[["Date",""]]', '[["Date","2024"]]', '[["Date","2024-01-02"]]', '[["Date","2024-01-02T03:04:05"]]', '[["Date","2024-13-01T00:00:00.000Z"]]',
    '[["Date","2024-02-30T00:00:00.000Z"]]', '[["Date","2024-01-01T24:00:00.000Z"]]', '[["Date","2024-01-01T25:00:00.000Z"]]', '[["Date","-000000-01-01T00:00:00.000Z"]]',
    '[["Date","+275760-09-13T00:00:00.000Z"]]', '[["Date","+275760-09-13T00:00:00.001Z"]]', '[["Date","+999999-01-01T00:00:00.000Z"]]', '[["Date","2024-01-02T03:04:05.678+01:00"]]',
    '[["Date","2024-01-02T03:04:05.6789Z"]]', '[["Date","2024-01-02T03:04:05Z"]]', '[["Date","2024-01-02T03:04Z"]]', '[["Date","Tue Jan 02 2024"]]', '[["Date",0]]',
    '[["Date",null]]', '[["Date",true]]', '[["Date",[]]]', '[["Date","","extra"]]', '[["Date"," 2024-01-02T03:04:05.678Z"]]', '[["Date","2024-01-02t03:04:05.678z"]]',
    '[["BigInt","1"]]', '[["BigInt","-1"]]', '[["BigInt","+1"]]', '[["BigInt"," 1 "]]', '[["BigInt",""]]', '[["BigInt","0x10"]]', '[["BigInt","0b1"]]', '[["BigInt","1n"]]',
    '[["BigInt","1.0"]]', '[["BigInt","1e3"]]', '[["BigInt","1_0"]]', '[["BigInt","x"]]', '[["BigInt","-"]]', '[["BigInt","--1"]]', '[["BigInt","01"]]', '[["BigInt","-0"]]',
    '[["BigInt",1]]', '[["BigInt",1.5]]', '[["BigInt",null]]', '[["BigInt",true]]', '[["BigInt",[]]]', '[["BigInt","١"]]', '[["BigInt","' + "9" * 10_000 + '"]]',
    '[["BigInt","' + "9" * 10_001 + '"]]', '[["BigInt","1","2"]]',
    '[["RegExp","a"]]', '[["RegExp","("]]', '[["RegExp","["]]', '[["RegExp","a**"]]', '[["RegExp","\\\\"]]', '[["RegExp","a","z"]]', '[["RegExp","a","gg"]]', '[["RegExp","a","uv"]]',
    '[["RegExp","a",""]]', '[["RegExp","a","ig"]]', '[["RegExp","a",null]]', '[["RegExp","a",1]]', '[["RegExp",1]]', '[["RegExp",null]]', '[["RegExp",[]]]', '[["RegExp",""]]',
    '[["RegExp","/"]]', '[["RegExp","\\n"]]', '[["RegExp","a{2,1}"]]', '[["RegExp","(?<a>x)(?<a>y)"]]', '[["RegExp","(?<=a)*","u"]]', '[["RegExp","\\\\u{110000}","u"]]',
    '[["RegExp","\\\\p{Foo}","u"]]', '[["RegExp","[z-a]"]]', '[["RegExp","(?<1a>x)"]]', '[["RegExp","\\\\k<b>","u"]]', '[["RegExp","{"]]', '[["RegExp","{","u"]]', '[["RegExp","]","u"]]',
    '[["RegExp","[&&]","v"]]', '[["RegExp","a","g","extra"]]', '[["RegExp","a"," "]]', '[["RegExp","?"]]', '[["RegExp",")"]]', '[["RegExp","(?"]]', '[["RegExp","(?i-i:a)"]]',
    '[["URL","https://a.b/"]]', '[["URL","https://a.b"]]', '[["URL",""]]', '[["URL","x"]]', '[["URL","/path"]]', '[["URL","//a.b"]]', '[["URL","http://"]]', '[["URL","http://a b/"]]',
    '[["URL","http://[::1"]]', '[["URL","http://a.b:99999/"]]', '[["URL","http://a.b:x/"]]', '[["URL","http://1.2.3.256/"]]', '[["URL",1]]', '[["URL",null]]', '[["URL",[]]]',
    '[["URL","http://a.b/","extra"]]', '[["URL"," http://a.b/ "]]', '[["URL","HTTP://A.B/x y"]]', '[["URL","http://a.b/\\u00e9"]]', '[["URL","http:a.b"]]', '[["URL","http:/\\\\a.b"]]',
    '[["URL","javascript:1"]]', '[["URL","a:"]]', '[["URL","1:"]]', '[["URL","http://%/"]]', '[["URL","http://a%00b/"]]', '[["URL","http://xn--a/"]]', '[["URL","file:"]]',
    '[["URLSearchParams",""]]', '[["URLSearchParams","a=1"]]', '[["URLSearchParams","?a"]]', '[["URLSearchParams","%"]]', '[["URLSearchParams","%zz=%e9"]]', '[["URLSearchParams","&&=&"]]',
    '[["URLSearchParams",1]]', '[["URLSearchParams",null]]', '[["URLSearchParams","\\ud800"]]', '[["URLSearchParams","a=%F0%9F%98%80"]]', '[["URLSearchParams","a=%ff%fe"]]',
]  # fmt: skip

BINARY = [
    '[["ArrayBuffer",""]]', '[["ArrayBuffer","AA=="]]', '[["ArrayBuffer","AA"]]', '[["ArrayBuffer","AAA"]]', '[["ArrayBuffer","AAA="]]', '[["ArrayBuffer","AAAA"]]',
    '[["ArrayBuffer"," AA == "]]', '[["ArrayBuffer","A\\nA\\t="]]', '[["ArrayBuffer","A"]]', '[["ArrayBuffer","A==="]]', '[["ArrayBuffer","AAAAA"]]', '[["ArrayBuffer","AA="]]',
    '[["ArrayBuffer","="]]', '[["ArrayBuffer","===="]]', '[["ArrayBuffer","A!=="]]', '[["ArrayBuffer","é"]]', '[["ArrayBuffer","_-=="]]', '[["ArrayBuffer","AA==AA=="]]',
    '[["ArrayBuffer","AB=="]]', '[["ArrayBuffer",1]]', '[["ArrayBuffer",null]]', '[["ArrayBuffer",[]]]', '[["ArrayBuffer",{}]]', '[["ArrayBuffer",true]]', '[["ArrayBuffer","AA==","x"]]',
    '[["ArrayBuffer","\\u0000"]]', '[["ArrayBuffer","AAAA\\u00a0"]]', '[["ArrayBuffer","+/8="]]', '[["ArrayBuffer","AA\\f=="]]', '[["ArrayBuffer","AA\\u000b=="]]',
    '[["Uint8Array",0]]', '[["Uint8Array",1],1]', '[["Uint8Array",1],"a"]', '[["Uint8Array",1],null]', '[["Uint8Array",1],[]]', '[["Uint8Array",1],{}]', '[["Uint8Array",9]]',
    '[["Uint8Array",-1]]', '[["Uint8Array",-3]]', '[["Uint8Array","1"],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1.5],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1.0],["ArrayBuffer","AAAA"]]',
    '[["Uint8Array",1e400],["ArrayBuffer","AAAA"]]', '[["Uint8Array",4294967296],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1],["Uint8Array",2],["ArrayBuffer","AAAA"]]',
    '[["Uint8Array",1],["Map"]]', '[["Uint8Array",1],["ArrayBuffer",5]]', '[["Uint8Array",1],[1000000000]]', '[["Float64Array",1],4000000000]', '[["Uint8Array",1],["ArrayBuffer"]]',
    '[["Uint8Array",1,0,3],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1,0,4],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1,3,0],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1,4,0],["ArrayBuffer","AAAA"]]',
    '[["Uint8Array",1,1],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1,4],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1,-1,1],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1,0,-1],["ArrayBuffer","AAAA"]]',
    '[["Uint8Array",1,1.5,1],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1,"1",1],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1,null],["ArrayBuffer","AAAA"]]', '[["Uint8Array",1,0,1e400],["ArrayBuffer","AAAA"]]',
    '[["Int16Array",1],["ArrayBuffer","AAAA"]]', '[["Int16Array",1,0,1],["ArrayBuffer","AAAA"]]', '[["Int16Array",1,1,1],["ArrayBuffer","AAAA"]]', '[["Int16Array",1,2],["ArrayBuffer","AAAA"]]',
    '[["Int16Array",1,0,2],["ArrayBuffer","AAAA"]]', '[["Float64Array",1,4,1],["ArrayBuffer","AAAAAAAAAAAAAAAA"]]', '[["Float64Array",1],["ArrayBuffer","AAAAAAAAAAAAAAAA"]]',
    '[["Float64Array",1,0,1],["ArrayBuffer","AAAAAAAAAAAAAAAA"]]', '[["Float64Array",1,0,1e300],["ArrayBuffer","AAAAAAAAAAA="]]', '[["Float64Array",1,9007199254740992,1],["ArrayBuffer","AAAAAAAAAAA="]]',
    '[["DataView",0]]', '[["DataView",1],1]', '[["DataView",1],["ArrayBuffer","AAAA"]]', '[["DataView",1,1],["ArrayBuffer","AAAA"]]', '[["DataView",1,3],["ArrayBuffer","AAAA"]]',
    '[["DataView",1,4],["ArrayBuffer","AAAA"]]', '[["DataView",1,1,3],["ArrayBuffer","AAAA"]]', '[["DataView",1,-1],["ArrayBuffer","AAAA"]]', '[["DataView",1,0,-1],["ArrayBuffer","AAAA"]]',
    '[["DataView",1,0,1.5],["ArrayBuffer","AAAA"]]', '[["DataView",1,0,1e400],["ArrayBuffer","AAAA"]]', '[["DataView",1],["DataView",2],["ArrayBuffer","AAAA"]]',
]  # fmt: skip

TEMPORAL = [
    f'[["Temporal.{kind}",{payload}]]'
    for kind in (
        "Instant", "ZonedDateTime", "PlainDateTime", "PlainDate", "PlainTime", "PlainYearMonth", "PlainMonthDay", "Duration",
    )
    for payload in (
        '"x"', '""', "1", "null", "{}", '"2024-01-02"', '"2024-01-02T03:04:05"', '"2024-01-02T03:04:05Z"', '"03:04:05"', '"2024-01"', '"01-02"',
        '"P1D"', '"PT"', '"P"', '"2024-13-01"', '"2024-02-30"', '"25:00:00"', '"-PT1S"', '"2024-01-02T03:04:05+01:00[Europe/Berlin]"',
        '"P1.5D"', '"20240102"', '"2024-01-02T03:04:05.1234567890Z"', '"-000000-01-01"', '"P1Y-1M"', '"02-30"',
    )
]  # fmt: skip

IGNORED = [
    '[1,["Unknown"]]', "[1,[99]]", '[1,{"__proto__":1}]', '[1,["BigInt","x"]]', '[1,["Map",1]]', "[1,2,3]", "[[1],2,[[[[]]]]]", '[[1],2,{"a":{"b":[]}}]',
    '[[1],2,"x",null,true,1.5,-1,-2,-7]', '[["Set"],["Object",1]]', "[[],[-7,-7]]", '[[1],["Date","","x",5],["URL",1]]', '[["Map",1,2],"k","v",["Uint8Array",1]]',
]  # fmt: skip

GROUPS: dict[str, list[str]] = {
    "no JSON": SYNTAX,
    "roots": ROOTS,
    "indices": INDICES,
    "tags": TAGS,
    "containers": CONTAINERS,
    "sparse arrays": SPARSE,
    "boxed": BOXED,
    "leaves": LEAVES,
    "binary data": BINARY,
    "temporal": TEMPORAL,
    "slots without a reference": IGNORED,
}

# Where JavaScript takes a text and we do not: a pattern of our message, and what JavaScript makes of it. It would not
# write any of these itself.
OWN_REFUSALS: dict[str, str] = {
    r"Invalid input \(index -": "undefined: it reads a property of that name from the array of values",
    r"Invalid input \(index \d+(?:\.\d|e-)": "undefined, for the same reason",
    r"Invalid input \(a hole, -2, stands in arrays only": "undefined, for the same reason",
    r"Invalid input \(an? [\w.]+ needs a string after its tag": "whatever its constructor makes of another type",
    r"Invalid input \(the flags of a RegExp are a string": "flags from the text of a list",
    r"Invalid input \(.* is no date in ECMAScript's date time string format": "an invalid Date, or what Date.parse guesses",
    r"Invalid input \(.* names no real date and time": "an invalid Date, or the 30th of February as the 1st of March",
    r"Invalid input \(.* is outside the range of a Date": "an invalid Date",
    r"Invalid input \(a BigInt needs decimal digits": "BigInt() reads 0x10, spaces and the empty text",
    r"Invalid input \(a BigInt of [\d,]+ digits": "any number of digits, in quadratic time",
    r"Invalid input \(.* is no text of a Temporal": "any form that Temporal's from() reads, not only what it writes",
    r"Invalid ArrayBuffer encoding \(no base64": "Node 24 skips what is no base64; Node 26 rejects it too",
    r"Invalid input \(offset and length of a \w+ are integers from 0": "ToIndex of a fraction, a string or null",
}
