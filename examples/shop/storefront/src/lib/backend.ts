/** Where the visitor's browser and this server find the Python back end. */
export const backend = process.env.BACKEND_URL ?? 'http://localhost:8000';

/** Asks Python on behalf of the visitor: the visitor's cookie goes along, so Python sees the same session. */
async function ask<T>(path: string, request: Request, otherwise: T): Promise<T> {
	try {
		const answer = await fetch(backend + path, {
			headers: { cookie: request.headers.get('cookie') ?? '' },
			signal: AbortSignal.timeout(2000),
		});
		return answer.ok ? await answer.json() : otherwise;
	} catch {
		return otherwise; // The shop window stays open while the back end is away.
	}
}

export const stock = (request: Request) => ask<Record<string, number>>('/api/stock', request, {});

export const recommendations = (request: Request) => ask<string[]>('/api/recommendations', request, []);
