import type { AstroSession } from 'astro';

/** One line of "who wrote what": both sides append to the same list in the session. */
export interface Entry {
	by: 'Astro' | 'Python';
	what: string;
	at: Date;
}

const KEPT = 12;

export async function record(session: AstroSession, what: string) {
	const history = (await session.get('history')) ?? [];
	const entry: Entry = { by: 'Astro', what, at: new Date() };
	session.set('history', [...history, entry].slice(-KEPT));
}
