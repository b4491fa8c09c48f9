// One fresh process for one version of npm devalue and one payload: node worker.mjs 6 FILE SECONDS [uneval]
// Prints the medians of parse and stringify in microseconds as JSON, or that of uneval and a digest of its text.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [version, file, seconds, only] = process.argv.slice(2);
const { parse, stringify, uneval } = await import(`devalue${version}`);
const BATCH_MS = 4;

function batch(operation, calls) {
	const start = performance.now();
	for (let i = 0; i < calls; i += 1) operation();
	return performance.now() - start;
}

function medianMicroseconds(operation) {
	operation();
	let calls = 1;
	let elapsed;
	while ((elapsed = batch(operation, calls)) < BATCH_MS) {
		calls = Math.max(calls * 2, Math.floor((calls * BATCH_MS) / Math.max(elapsed, 1e-6)));
	}
	// V8 compiles hot code while it runs: a third of the time is not counted.
	const warm = performance.now() + (Number(seconds) * 1000) / 3;
	while (performance.now() < warm) batch(operation, calls);
	const times = [];
	const end = performance.now() + Number(seconds) * 1000;
	while (times.length < 3 || performance.now() < end) times.push(batch(operation, calls) / calls);
	times.sort((a, b) => a - b);
	return times[times.length >> 1] * 1000;
}

const text = readFileSync(file, 'utf8');
const value = parse(text);
let sink;
if (only === 'uneval') {
	const source = medianMicroseconds(() => (sink = uneval(value)));
	console.log(JSON.stringify({ source, digest: createHash('sha256').update(sink).digest('hex') }));
} else {
	const write = medianMicroseconds(() => (sink = stringify(value)));
	const read = medianMicroseconds(() => (sink = parse(text)));
	console.log(JSON.stringify({ write, read, same: stringify(value) === text, sink: typeof sink }));
}
