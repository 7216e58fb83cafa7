// Trains the demo's model from the generated shop with the built command line, unless nothing has changed since.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shop = join(root, 'build', 'demo-shop');
const model = join(root, 'build', 'demo-model');
const stampFile = join(root, 'build', 'demo-model.stamp');
const cli = join(root, 'dist', 'cli');

const inputs = [
  join(shop, 'events.jsonl'),
  join(shop, 'catalog.jsonl'),
  ...readdirSync(cli)
    .sort()
    .map((name) => join(cli, name)),
];
const hash = createHash('sha256');
for (const input of inputs) hash.update(readFileSync(input));
const stamp = hash.digest('hex');

const isFresh = existsSync(join(model, 'manifest.json')) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
if (isFresh) {
  console.log('build/demo-model is up to date');
} else {
  // A fixed date: the same shop gives the same folder.
  const options = [
    '--catalog',
    join(shop, 'catalog.jsonl'),
    '--out',
    model,
    '--name',
    'Wattle & Wire',
    '--created-at',
    '2026-06-01',
    '--force',
  ];
  const { status } = spawnSync(process.execPath, [join(cli, 'index.js'), 'train', join(shop, 'events.jsonl'), ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stampFile, stamp);
}
