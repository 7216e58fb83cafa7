/**
 * Weighs the built files against their budgets: npm run size [-- --json FILE] [--readme]. Exits with 1 when one is over.
 * --readme brings the README's size table up to date.
 * Bytes are those of gzip at its highest level.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const BUDGETS = {
  'dist/index.js': 5_000,
  'dist/worker.js': 30_000,
  'dist/sequence.js': 11_000,
  'dist/tuning.js': 5_500,
  'dist/strategies.js': 31_000,
  'dist/tfjs.js': 300_000,
  'dist/webgpu.js': 45_000,
  'dist/webgl.js': 65_000,
  'dist/evaluation.js': 6_000,
  'dist/evaluationWorker.js': 80_000,
  'dist/history.js': 6_000,
  'dist/privacy.js': 4_000,
  'dist/privacyCalls.js': 1_000,
  'dist/privacyPanel.js': 6_000,
  'dist/consent.js': 2_000,
  'dist/telemetry.js': 2_000,
  'dist/delivery.js': 5_000,
  'dist/users.js': 4_500,
  'dist/shelfmate.iife.js': 8_000,
  'dist/worker.iife.js': 30_000,
};

const { values } = parseArgs({ options: { json: { type: 'string' }, readme: { type: 'boolean', default: false } } });
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
if (values.readme) {
  const readme = new URL('../../README.md', import.meta.url);
  await writeFile(readme, withSizes(await readFile(readme, 'utf8')));
}
process.exitCode = rows.some(({ gzipBytes, budgetBytes }) => gzipBytes > budgetBytes) ? 1 : 0;

/** In each row of the size table the n-th size is that of the n-th file; what is given roughly ("about 70") stays. */
function withSizes(text) {
  const table = /\| what a page loads[\s\S]*?\n\n/;
  if (!table.test(text)) throw new Error('README.md has no size table: none begins with "| what a page loads".');
  return text.replace(table, (lines) => lines.replace(/^\|.*`.*$/gm, withRowSizes));
}

function withRowSizes(row) {
  const files = [...row.matchAll(/`([\w.-]+\.js)`/g)].map(([, file]) => file);
  let at = 0;
  return row.replace(/\d+\.\d(?= kB|,| \+)/g, () => {
    const file = files[at++];
    const weighed = rows.find(({ entry }) => entry === `dist/${file}`);
    if (!weighed) throw new Error(`The README's size table gives a size for ${file}, which has no budget in test/bench/size.mjs.`);
    return (weighed.gzipBytes / 1_000).toFixed(1);
  });
}
