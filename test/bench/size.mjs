/**
 * Weighs the built files against their budgets: npm run size [-- --json FILE]. Exits with 1 when one is over.
 * Bytes are those of gzip at its highest level.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const BUDGETS = {
  'dist/index.js': 5_000,
  'dist/worker.js': 30_000,
  'dist/sequence.js': 11_000,
  'dist/tuning.js': 5_000,
  'dist/tfjs.js': 300_000,
  'dist/webgpu.js': 45_000,
  'dist/webgl.js': 65_000,
  'dist/evaluation.js': 6_000,
  'dist/evaluationWorker.js': 80_000,
  'dist/history.js': 6_000,
  'dist/consent.js': 2_000,
  'dist/telemetry.js': 2_000,
  'dist/shelfmate.iife.js': 8_000,
  'dist/worker.iife.js': 30_000,
};

const { values } = parseArgs({ options: { json: { type: 'string' } } });
const rows = [];
for (const [entry, budgetBytes] of Object.entries(BUDGETS)) {
  const bytes = await readFile(new URL(`../../${entry}`, import.meta.url)).catch(() => null);
  if (bytes === null) {
    console.error(`${entry} is not there. Run "npm run build" first.`);
    process.exit(1);
  }
  rows.push({ entry, gzipBytes: gzipSync(bytes, { level: 9 }).length, budgetBytes });
}

const number = (value) => value.toLocaleString('en').padStart(9);
console.log(`${'entry'.padEnd(26)}${'gzip'.padStart(9)}${'budget'.padStart(9)}`);
for (const { entry, gzipBytes, budgetBytes } of rows) {
  console.log(`${entry.padEnd(26)}${number(gzipBytes)}${number(budgetBytes)}${gzipBytes > budgetBytes ? '  over budget' : ''}`);
}
if (values.json) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
process.exit(rows.some(({ gzipBytes, budgetBytes }) => gzipBytes > budgetBytes) ? 1 : 0);
