import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drawProduct } from './shop/drawProduct.js';
import { generateOrders } from './shop/generateOrders.js';
import { generateSessions } from './shop/generateSessions.js';
import { generateShop } from './shop/generateShop.js';

/** Writes the shop's catalogue, its log, the till's orders and its pictures: `node build/demo/makeShop.js [folder] [--seed 7]`. */
const args = process.argv.slice(2);
const seedAt = args.indexOf('--seed');
const seed = seedAt >= 0 ? Number(args.splice(seedAt, 2)[1]) : 7;
if (!Number.isInteger(seed)) throw new RangeError('--seed wants a whole number, for example --seed 7');
const folder = resolve(args[0] ?? 'build/demo-shop');

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const { items } = generateShop({ seed });
const events = generateSessions({ items, seed });
const orders = generateOrders({ items, seed });
mkdirSync(join(folder, 'images'), { recursive: true });
writeFileSync(join(folder, 'catalog.jsonl'), lines(items));
writeFileSync(join(folder, 'events.jsonl'), lines(events));
writeFileSync(join(folder, 'orders.jsonl'), lines(orders));
for (const item of items) writeFileSync(join(folder, 'images', `${item.itemId}.svg`), drawProduct(item, { background: true }));

const shoppers = new Set(events.map((event) => event.userId)).size;
console.log(
  `Wrote ${items.length} items, ${events.length} events of ${shoppers} shoppers, ${orders.length} sales at the counter and the pictures to ${folder}`,
);
