import products from '../../../products.json';

export type Product = (typeof products)[number];
export { products };

export const bySku = new Map(products.map((product) => [product.sku, product]));

export const price = (cents: number) => `€ ${(cents / 100).toFixed(2)}`;

export const total = (cart: Map<string, number>) =>
	[...cart].reduce((sum, [sku, count]) => sum + count * (bySku.get(sku)?.cents ?? 0), 0);

export const pieces = (cart: Map<string, number>) => [...cart.values()].reduce((sum, count) => sum + count, 0);
