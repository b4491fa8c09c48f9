// One value of every type that devalue carries; ../../samples.py has the same ones in Python, under the same names.
const bytes = (n) => Uint8Array.from({ length: n }, (_, i) => i * 7 + 1).buffer;

const sparse = [];
sparse[123_456] = 'far';

const cycle = { name: 'loop' };
cycle.self = cycle;

const mapCycle = new Map();
mapCycle.set('self', mapCycle);

const twice = { n: 1 };

// Node 24 has Temporal only with --harmony-temporal.
const temporal = globalThis.Temporal && {
	'Temporal.Instant': Temporal.Instant.from('2026-11-23T12:00:00.123456789Z'),
	'Temporal.ZonedDateTime': Temporal.ZonedDateTime.from('2026-11-23T12:00:00+01:00[Europe/Berlin]'),
	'Temporal.PlainDateTime': Temporal.PlainDateTime.from('2026-11-23T12:00:00'),
	'Temporal.PlainDate': Temporal.PlainDate.from('2026-11-23'),
	'Temporal.PlainTime': Temporal.PlainTime.from('12:00:00.5'),
	'Temporal.PlainYearMonth': Temporal.PlainYearMonth.from('2026-11'),
	'Temporal.PlainMonthDay': Temporal.PlainMonthDay.from('11-23'),
	'Temporal.Duration': Temporal.Duration.from('P1DT2H'),
};

export const samples = {
	undefined: undefined,
	null: null,
	true: true,
	false: false,
	zero: 0,
	'minus zero': -0,
	integer: 42,
	'largest integer': 2 ** 53 - 1,
	'smallest integer': -(2 ** 53 - 1),
	float: 0.1,
	'large float': 1e300,
	NaN: NaN,
	Infinity: Infinity,
	'minus Infinity': -Infinity,
	bigint: 2n ** 70n,
	'negative bigint': -5n,
	'empty string': '',
	string: 'Grüße, 東京, 🫖 "quoted" \\ </script> \u2028 \n',
	'empty array': [],
	array: [1, 'two', [3]],
	holes: [1, , 3], // eslint-disable-line no-sparse-arrays
	'sparse array': sparse,
	'empty object': {},
	object: { a: 1, b: { c: [true, null] } },
	'null-prototype object': Object.assign(Object.create(null), { x: 1 }),
	date: new Date('2026-11-23T12:00:00.123Z'),
	'date before 1970': new Date('1815-12-10T00:00:00.000Z'),
	'date in the year -5': new Date(-62_325_000_000_000),
	'date in the year 12000': new Date(316_537_897_600_000),
	'invalid date': new Date(NaN),
	map: new Map([['sencha', 2], ['keemun', 1]]),
	'map of odd keys': new Map([[1, 'one'], [true, 'true'], [NaN, 'nan'], [null, 'null'], [undefined, 'undefined'], [1n, 'bigint']]),
	'empty map': new Map(),
	set: new Set(['a', 1, true, null]),
	'empty set': new Set(),
	regexp: /^a+[/\]"]$/giu,
	url: new URL('https://example.org/a%20b?q=1#top'),
	'url search params': new URLSearchParams('a=1&b=%C3%BC&a=2'),
	'boxed string': Object('text'),
	'boxed number': Object(1.5),
	'boxed boolean': Object(false),
	'boxed bigint': Object(7n),
	'array buffer': bytes(5),
	Int8Array: new Int8Array([-1, 2]),
	Uint8Array: new Uint8Array([1, 255]),
	Uint8ClampedArray: new Uint8ClampedArray([0, 255]),
	Int16Array: new Int16Array([-300, 300]),
	Uint16Array: new Uint16Array([1, 65535]),
	Int32Array: new Int32Array([-70000]),
	Uint32Array: new Uint32Array([4294967295]),
	Float16Array: new Float16Array([0.5, -1]),
	Float32Array: new Float32Array([0.5, -1]),
	Float64Array: new Float64Array([Math.PI]),
	BigInt64Array: new BigInt64Array([-1n]),
	BigUint64Array: new BigUint64Array([2n ** 64n - 1n]),
	'part of a buffer': new Uint16Array(bytes(12), 2, 3),
	'data view': new DataView(bytes(8), 1, 4),
	...temporal,
	'shared object': { first: twice, second: twice },
	cycle,
	'map with itself inside': mapCycle,
};
