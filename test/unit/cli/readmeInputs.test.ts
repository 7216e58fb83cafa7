import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCatalog } from '../../../src/cli/readers/readCatalog.js';
import { cli, temporaryFile, temporaryFolder } from './captureIo.js';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** The example under a bold name in "What each of them looks like". */
function example(name: string): string {
  const after = README.slice(README.indexOf(`**${name}**`));
  return /```\w+\n([\s\S]*?)\n```/.exec(after)![1]!;
}

async function trained(argv: readonly string[]): Promise<string> {
  const out = join(temporaryFolder(), 'model');
  const result = await cli(['train', ...argv, '--out', out, '--factors', '2', '--epochs', '1', '--no-evaluate']);
  expect(result).toMatchObject({ code: 0 });
  return result.stdout;
}

describe("the README's example of", () => {
  it.each([
    ['A table', 'table', 3, ''],
    ['JSONL', 'jsonl', 2, ''],
    ['GA4', 'ga4', 2, ''],
    ['Shopify orders', 'shopify-orders', 2, 'personal columns dropped: Billing Name'],
    ['WooCommerce orders', 'woocommerce-orders', 2, 'billing_email tells customers apart while reading and is kept nowhere'],
    ['RecBole', 'recbole', 1, ''],
  ])('%s is read as %s', async (name, format, count, note) => {
    const stdout = await trained([temporaryFile('events', example(name))]);
    expect(stdout).toMatch(new RegExp(` as ${format} \\(`));
    expect(stdout).toMatch(new RegExp(`Events\\s+${count} of ${count} line`));
    expect(stdout).toContain(note);
  });

  it.each([
    ['Shopify products, new headers', 'shopify-products', { title: 'Stoneware mug', price: 12.5, colour: 'Blue' }],
    ['Shopify products, old headers', 'shopify-products', { title: 'Stoneware mug', price: 12.5, colour: 'Blue' }],
    ['WooCommerce products', 'woocommerce-products', { price: 9.9, category: 'Kitchen > Mugs', inStock: true }],
    ['Google Merchant feed, RSS', 'google-feed', { title: 'Mug, blue', price: 12.5, currency: 'EUR', inStock: true }],
    ['Google Merchant feed, Atom', 'google-feed', { title: 'Mug, blue', price: 12.5, url: 'https://shop.example/mug', inStock: true }],
    ['Google Merchant feed, TSV', 'google-feed', { price: 12.5, category: 'Kitchen > Mugs', inStock: true }],
    ['schema.org JSON-LD', 'json-ld', { title: 'Mug, blue', brand: 'Kiln', price: 12.5, inStock: true }],
    ['Any catalogue', 'table', { title: 'Mug, blue', price: 12.5, refurbished: false }],
  ])('%s is read as %s', async (name, format, fields) => {
    const catalog = temporaryFile('catalog', example(name));
    const isBySku = name.startsWith('Woo');
    const { items } = await readCatalog(catalog, new Map(isBySku ? [['itemId', 'SKU']] : []));
    expect(items.find(({ itemId }) => itemId === 'MUG-BLUE')).toMatchObject(fields);
    const events = temporaryFile('events.csv', 'user,item\na,MUG-BLUE\n');
    const stdout = await trained([events, '--catalog', catalog, ...(isBySku ? ['--catalog-columns', 'itemId=SKU'] : [])]);
    expect(stdout).toContain(` as ${format}, ids from`);
  });
});
