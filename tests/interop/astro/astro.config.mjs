// One app, built once per session configuration: SESSION_VARIANT picks it. Test workers that run side by side each have
// a folder of files of their own: OUT_DIR and CACHE_DIR.
import node from '@astrojs/node';
import { defineConfig } from 'astro/config';

const driver = (name) => ({ entrypoint: new URL(`./src/drivers/${name}.js`, import.meta.url) });

const variants = {
	// What `astro add node` gives: files in node_modules/.astro/sessions, cookie `astro-session`.
	files: undefined,
	redis: { driver: driver('redis') },
	sqlite: { driver: driver('sqlite') },
	// Every option that changes a stored byte, a key or a cookie.
	configured: {
		driver: driver('redis-base-ttl'),
		ttl: 60,
		cookie: {
			name: 'my_sess',
			domain: 'localhost',
			path: '/',
			maxAge: 3600,
			sameSite: 'strict',
			secure: false,
		},
	},
};

const variant = process.env.SESSION_VARIANT ?? 'files';
if (!(variant in variants)) throw new Error(`SESSION_VARIANT=${variant} is none of ${Object.keys(variants)}`);

export default defineConfig({
	adapter: node({ mode: 'standalone' }),
	output: 'server',
	outDir: process.env.OUT_DIR ?? `./dist/${variant}`,
	cacheDir: process.env.CACHE_DIR ?? './node_modules/.astro', // Astro's default
	session: variants[variant],
	devToolbar: { enabled: false },
});
