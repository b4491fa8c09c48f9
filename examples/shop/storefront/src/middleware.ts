import { defineMiddleware } from 'astro:middleware';
import { record } from './lib/history';

/** Counts the pages that this visitor has opened. */
export const onRequest = defineMiddleware(async ({ request, session }, next) => {
	if (session && request.method === 'GET') {
		const visits = (await session.get('visits')) ?? 0;
		if (visits === 0) {
			session.set('since', new Date());
			await record(session, 'started the session');
		}
		session.set('visits', visits + 1);
	}
	return next();
});
