// What Astro's file driver does at the end of each request, again and again without a pause.
import fsLite from 'unstorage/drivers/fs-lite';

export async function POST({ request }) {
	const { folder, id, text, times } = await request.json();
	const driver = fsLite({ base: folder });
	for (let i = 0; i < times; i++) await driver.setItem(id, text);
	return new Response('written');
}
