// What the session holds, for Astro's type checker. The same keys, for Python's: ../../backend/cart.py.
declare namespace App {
	interface SessionData {
		cart: Map<string, number>;
		viewed: Set<string>;
		visits: number;
		since: Date;
		order: { number: bigint; placed: Date; cents: number; lines: Map<string, number> };
		history: import('./lib/history').Entry[];
	}
}
