// A description of a value that says everything devalue carries and that Python can say too (describe.py):
// a list of nodes, the root's reference first. Two values are the same if their descriptions are equal.
//
// A reference is a string for a primitive ("u" undefined, "z" null, "t", "f", "n" + bits of the double,
// "b" + hexadecimal digits, "s" + text) or the number of a node. Nodes are numbered in the order they are met,
// breadth first, so sharing and cycles show.

/** What the tests' revivers make: an object of a class, holding its payload. */
export class Custom {
	constructor(name, payload) {
		this.name = name;
		this.payload = payload;
	}
}

/** Revivers that make a Custom for each name. */
export const revivers = (...names) =>
	Object.fromEntries(names.map((name) => [name, (payload) => new Custom(name, payload)]));

/** Reducers that undo them. A falsy payload cannot travel: a reducer's falsy result declines. */
export const reducers = (...names) =>
	Object.fromEntries(
		names.map((name) => [name, (value) => value instanceof Custom && value.name === name && value.payload])
	);

const scratch = new DataView(new ArrayBuffer(8));

function bits(number) {
	if (Number.isNaN(number)) return 'nan';
	scratch.setFloat64(0, number);
	return scratch.getBigUint64(0).toString(16).padStart(16, '0');
}

/** The populated indices; a key such as "extra" is none. */
const indices = (array) => Object.keys(array).filter((key) => /^\d+$/.test(key));

export function describe(root) {
	const seen = new Map();
	const found = [];

	function refer(value) {
		switch (typeof value) {
			case 'undefined':
				return 'u';
			case 'boolean':
				return value ? 't' : 'f';
			case 'number':
				return 'n' + bits(value);
			case 'bigint':
				return 'b' + value.toString(16);
			case 'string':
				return 's' + value;
			case 'function':
				return 'function';
		}
		if (value === null) return 'z';
		if (!seen.has(value)) {
			seen.set(value, found.length);
			found.push(value);
		}
		return seen.get(value);
	}

	const nodes = [];
	const start = refer(root);
	for (let i = 0; i < found.length; i += 1) nodes.push(describe_node(found[i], refer));
	return [start, nodes];
}

function describe_node(value, refer) {
	if (value instanceof Custom) return ['Custom', value.name, refer(value.payload)];
	const tag = Object.prototype.toString.call(value).slice(8, -1);
	switch (tag) {
		case 'Array':
			return [tag, value.length, indices(value).map((index) => [+index, refer(value[index])])];
		case 'Map':
			return [tag, Array.from(value, ([key, item]) => [refer(key), refer(item)])];
		case 'Set':
			return [tag, Array.from(value, refer)];
		case 'Date':
			return [tag, bits(value.getTime())];
		case 'RegExp':
			return [tag, value.source, value.flags];
		case 'Number':
		case 'String':
		case 'Boolean':
		case 'BigInt':
			return ['Boxed', refer(value.valueOf())];
		case 'URL':
			return [tag, value.href];
		case 'URLSearchParams':
			return [tag, Array.from(value)];
		case 'ArrayBuffer':
			return [tag, Buffer.from(value).toString('hex')];
		case 'DataView':
			return [tag, refer(value.buffer), value.byteOffset, value.byteLength];
		case 'Object': {
			const kind = Object.getPrototypeOf(value) === null ? 'NullObject' : 'Object';
			return [kind, Object.keys(value).map((key) => [key, refer(value[key])])];
		}
	}
	if (tag.startsWith('Temporal.')) return [tag, value.toString()];
	if (ArrayBuffer.isView(value)) return [tag, refer(value.buffer), value.byteOffset, value.length];
	return ['unknown', tag];
}
