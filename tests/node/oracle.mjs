// The JavaScript library, asked from Python: see oracle.py for the client.
//
// Reads one JSON request per line, `{id, jobs: [...]}`, and answers each with one line, `{id, results: [...]}`.
// A job is `{op, version, ...}`; its result is `{ok: ...}` or `{error: {name, message, path}}`. A job that
// throws, overflows the stack or rejects is an error of that job alone.
//
// Run with `node --harmony-temporal`.

import { createInterface } from 'node:readline';
import * as devalue5 from 'devalue-5';
import * as devalue6 from 'devalue-6';
import { Custom, describe, reducers, revivers } from './describe.mjs';

const versions = { 5: devalue5, 6: devalue6 };

/** Evaluates an expression, or nothing. The helpers of describe.mjs are in scope. */
function evaluate(source) {
	if (source === undefined || source === null) return undefined;
	return new Function('Custom', 'reducers', 'revivers', `return (${source}\n)`)(Custom, reducers, revivers);
}

const operations = {
	/** The value of an expression -> text. */
	stringify: (devalue, job) => devalue.stringify(evaluate(job.source), evaluate(job.reducers)),

	stringify_async: (devalue, job) => devalue.stringifyAsync(evaluate(job.source), evaluate(job.reducers)),

	/** The value of an expression -> its description. */
	describe: (devalue, job) => describe(evaluate(job.source)),

	/** Text -> description of the value. */
	parse: (devalue, job) => describe(devalue.parse(job.text, evaluate(job.revivers))),

	/** Text -> whether it parses. */
	accepts: (devalue, job) => (devalue.parse(job.text, evaluate(job.revivers)), true),

	/** Text -> text. */
	rewrite: (devalue, job) =>
		devalue.stringify(devalue.parse(job.text, evaluate(job.revivers)), evaluate(job.reducers)),

	/** Text -> both of the above from one parse. */
	inspect(devalue, job) {
		const value = devalue.parse(job.text, evaluate(job.revivers));
		return { described: describe(value), text: devalue.stringify(value, evaluate(job.reducers)) };
	},

	uneval: (devalue, job) => devalue.uneval(evaluate(job.source), evaluate(job.replacer)),

	/** Text -> uneval of the value. */
	uneval_text: (devalue, job) =>
		devalue.uneval(devalue.parse(job.text, evaluate(job.revivers)), evaluate(job.replacer)),

	/** JavaScript source -> the text of its value: what `uneval` wrote, read back. */
	evaluate: (devalue, job) => devalue.stringify(evaluate(job.source), evaluate(job.reducers)),

	/** Texts of numbers as JavaScript writes them: `values` are the 16 hex digits of their bits. */
	numbers(devalue, job) {
		const view = new DataView(new ArrayBuffer(8));
		return job.values.map((bits) => (view.setBigUint64(0, BigInt('0x' + bits)), String(view.getFloat64(0))));
	},

	/** The versions in use. */
	versions: () => ({ node: process.versions.node, temporal: typeof Temporal === 'object' })
};

async function run(job) {
	try {
		return { ok: await operations[job.op](versions[job.version], job) };
	} catch (thrown) {
		if (!(thrown instanceof Error)) return { error: { name: 'thrown', message: String(thrown), path: null } };
		return { error: { name: thrown.name, message: thrown.message, path: thrown.path ?? null } };
	}
}

// A promise that a case leaves rejected must not end the process.
process.on('unhandledRejection', () => {});

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
	const { id, jobs } = JSON.parse(line);
	const results = [];
	for (const job of jobs) results.push(await run(job));
	process.stdout.write(JSON.stringify({ id, results }) + '\n');
}
