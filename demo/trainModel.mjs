// Trains the demo's models from the generated shop with the built command line, unless nothing has changed since:
// build/demo-model for the shop, and build/demo-heldout-model for /evaluate, which has not met each shopper's newest item.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shop = join(root, 'build', 'demo-shop');
const model = join(root, 'build', 'demo-model');
const heldoutModel = join(root, 'build', 'demo-heldout-model');
const trainingPart = join(root, 'build', 'demo-training-part.csv');
const stampFile = join(root, 'build', 'demo-model.stamp');
const log = join(root, 'build', 'demo-log.jsonl');
const cli = join(root, 'dist', 'cli');

const inputs = [
  fileURLToPath(import.meta.url),
  join(shop, 'events.jsonl'),
  join(shop, 'orders.jsonl'),
  join(shop, 'catalog.jsonl'),
  ...readdirSync(cli)
    .sort()
    .map((name) => join(cli, name)),
];
const hash = createHash('sha256');
for (const input of inputs) hash.update(readFileSync(input));
const stamp = hash.digest('hex');

function shelfmate(...args) {
  const { status } = spawnSync(process.execPath, [join(cli, 'index.js'), ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** A fixed date: the same shop gives the same folder. */
function train(events, out, name, ...more) {
  const catalog = join(shop, 'catalog.jsonl');
  shelfmate('train', events, '--catalog', catalog, '--out', out, '--name', name, '--created-at', '2026-06-01', '--force', ...more);
}

const isWhole = [model, heldoutModel].every((folder) => existsSync(join(folder, 'manifest.json')));
if (isWhole && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  console.log('build/demo-model and build/demo-heldout-model are up to date');
} else {
  const events = join(shop, 'events.jsonl');
  // The shop learns from its site and its till.
  writeFileSync(log, Buffer.concat([readFileSync(events), readFileSync(join(shop, 'orders.jsonl'))]));
  train(log, model, 'Wattle & Wire');
  shelfmate('evaluate', '--events', events, '--protocol', 'leave-last-out', '--write-train', trainingPart, '--quiet');
  train(trainingPart, heldoutModel, 'Wattle & Wire, held out', '--no-evaluate', '--quiet');
  writeFileSync(stampFile, stamp);
}
