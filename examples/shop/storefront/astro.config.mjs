import node from '@astrojs/node';
import { defineConfig } from 'astro/config';

export default defineConfig({
	output: 'server',
	adapter: node({ mode: 'standalone' }),
	session: {
		// No driver: on Node, Astro keeps sessions as files in node_modules/.astro/sessions. Python opens that folder.
		//
		// A built Astro site marks its session cookie `Secure`: browsers take it over https only. Chromium makes an
		// exception for http://localhost, not every browser does, and this demo runs on plain http.
		// Leave this line out on a site that people reach over https.
		cookie: { secure: false },
	},
	devToolbar: { enabled: false },
});
