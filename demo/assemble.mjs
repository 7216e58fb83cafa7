// Puts the page together: build/site holds the markup, the styles and the compiled scripts.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('.', import.meta.url));
const root = join(source, '..');
const compiled = join(root, 'build', 'demo');
const site = join(root, 'build', 'site');

if (!existsSync(join(compiled, 'main.js'))) throw new Error('build/demo/main.js is missing: compile first with `npx tsc -b demo`');

rmSync(site, { recursive: true, force: true });
mkdirSync(site, { recursive: true });
for (const name of readdirSync(source)) if (/\.(html|css|svg)$/.test(name)) copyFileSync(join(source, name), join(site, name));

// These run under Node.
const notForThePage = new Set(['makeShop.js', 'serve.js']);
const isFolder = (path) => !/\.[a-z]+$/i.test(basename(path));
cpSync(compiled, site, {
  recursive: true,
  filter: (path) => isFolder(path) || (path.endsWith('.js') && !notForThePage.has(relative(compiled, path))),
});

/** What a reload without network needs: the page, and of the library all but what only other backends load. */
const files = (folder) => (existsSync(folder) ? readdirSync(folder, { recursive: true }).map((name) => name.split(sep).join('/')) : []);
const shell = [
  './',
  ...files(site).filter((name) => /\.(js|css|svg)$/.test(name) && name !== 'serviceWorker.js' && !name.startsWith('evaluate')),
  'shop/catalog.jsonl',
  ...files(join(root, 'dist'))
    .filter((name) => /\.(js|wasm)$/.test(name) && !/iife|webgpu|webgl|tfjs|evaluation|^cli\//.test(name))
    .map((name) => `shelfmate/${name}`),
];
writeFileSync(join(site, 'shell.json'), JSON.stringify(shell));
console.log(`build/site is ready, ${shell.length} files are kept for offline use`);
