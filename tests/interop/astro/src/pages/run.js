// POST a devalue list of steps, get the devalue list of their results: the same little language as ../../python_app.py.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'devalue';
import { samples } from '../samples.js';

const show = (value) => inspect(value, { depth: Infinity, showHidden: true });

/** '' when both are the same value for JavaScript, else what each of them is. */
function difference(value, expected) {
	const same = isDeepStrictEqual(value, expected) && show(value) === show(expected);
	return same ? '' : `${show(value)} is not ${show(expected)}`;
}

async function step(session, [name, ...args]) {
	switch (name) {
		case 'get':
		case 'has':
		case 'values':
		case 'entries':
		case 'regenerate':
		case 'destroy':
		case 'delete':
		case 'load':
			return await session[name](...args);
		case 'keys':
			return [...(await session.keys())];
		case 'set':
			return session.set(args[0], args[1], args.length > 2 ? { ttl: args[2] } : {});
		case 'copy':
			return session.set(args[1], await session.get(args[0]));
		case 'set sample':
			return session.set(args[0], samples[args[1]]);
		case 'differs from sample':
			return difference(await session.get(args[0]), samples[args[1]]);
		case 'sample names':
			return Object.keys(samples);
		case 'id':
			return session.sessionID;
		case 'sleep':
			return await sleep(args[0]);
		case 'tell': // a file says that this request has come so far
			return void (await writeFile(args[0], ''));
		case 'wait for':
			while (!existsSync(args[0])) await sleep(2);
			return;
		case 'throw':
			throw new Error('the handler failed, as asked');
		default:
			throw new Error(`unknown step ${name}`);
	}
}

export async function POST({ request, session }) {
	const results = [];
	for (const each of parse(await request.text())) results.push(await step(session, each));
	return new Response(stringify(results));
}

export const GET = () => new Response('ready');
