import { ActionError, defineAction } from 'astro:actions';
import { z } from 'astro/zod';
import { record } from '../lib/history';
import { bySku } from '../lib/products';

const sku = z.string().refine((value) => bySku.has(value), 'We do not sell that tea.');

export const server = {
	cart: {
		add: defineAction({
			accept: 'form',
			input: z.object({ sku }),
			async handler({ sku }, { session }) {
				if (!session) throw new ActionError({ code: 'INTERNAL_SERVER_ERROR', message: 'Sessions are off.' });
				const cart = (await session.get('cart')) ?? new Map();
				cart.set(sku, (cart.get(sku) ?? 0) + 1);
				session.set('cart', cart); // Astro saves what is set, not what is changed in place.
				await record(session, `put ${bySku.get(sku)!.name} into the cart`);
			},
		}),
		remove: defineAction({
			accept: 'form',
			input: z.object({ sku }),
			async handler({ sku }, { session }) {
				if (!session) throw new ActionError({ code: 'INTERNAL_SERVER_ERROR', message: 'Sessions are off.' });
				const cart = await session.get('cart');
				if (!cart?.delete(sku)) return;
				session.set('cart', cart);
				await record(session, `took ${bySku.get(sku)!.name} out of the cart`);
			},
		}),
	},
};
