/**
 * How good the lists are, on events they have not seen. Slow: it trains. See README.md, "How good each list is".
 *
 *   npm run quality [-- strategies|diversity]      SHELFMATE_REAL_DATA names the folder of public data sets
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diversityTable } from './diversityTable.mjs';
import { strategyTable } from './strategyTable.mjs';

const TABLES = { strategies: strategyTable, diversity: diversityTable };
const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in TABLES));
if (unknown.length > 0) {
  console.error(`There is no table ${unknown.join(', ')}. There are: ${Object.keys(TABLES).join(', ')}.`);
  process.exit(2);
}
const demoShop = fileURLToPath(new URL('../../build/demo-shop', import.meta.url));
if (!existsSync(join(demoShop, 'events.jsonl'))) {
  console.error('build/demo-shop is not there. Make it with: npm run build && npm run build:demo');
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'shelfmate-quality-'));
try {
  for (const name of names.length > 0 ? names : Object.keys(TABLES))
    await TABLES[name]({ work, realData: process.env.SHELFMATE_REAL_DATA ?? null, demoShop });
} finally {
  rmSync(work, { recursive: true });
}
