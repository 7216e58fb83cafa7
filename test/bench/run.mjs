/**
 * The benchmark: Shelfmate and its peers in headless Chromium (training: in Node), in turn, in one run. See README.md.
 *
 *   npm run bench [-- names] [--json FILE] [--quick] [--model DIR] [--gpu] [--list]
 */
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { findChromium } from '../findChromium.mjs';
import { pageRows } from './lib/pageRows.mjs';
import { Report, progress } from './lib/report.mjs';
import { rulesRows } from './lib/rulesRows.mjs';
import { scanRows } from './lib/scanRows.mjs';
import { gruTrainRows, stepRows } from './lib/sequenceRows.mjs';
import { startServer } from './lib/server.mjs';
import { compileFloor, ensureBuild, ensurePeers } from './lib/setup.mjs';
import { trainRows } from './lib/trainRows.mjs';

const inBench = (path) => fileURLToPath(new URL(path, import.meta.url));

const USAGE = `npm run bench [-- names] [--json FILE] [--quick] [--model DIR] [--gpu] [--list]

  names         only rows whose name holds one of these, such as "topk N=100000" or start
  --json FILE   write the rows as JSON
  --quick       fewer rounds, and no long rows
  --model DIR   time the factors of a model folder too
  --gpu         let Chromium use the machine's own GPU
  --list        print the names and stop`;

const { values: flags, positionals: names } = readFlags({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    model: { type: 'string' },
    gpu: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

if (flags.help) {
  console.log(USAGE);
  process.exit(0);
}

function readFlags(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

const SOFTWARE_GPU = ['--use-webgpu-adapter=swiftshader', '--enable-unsafe-swiftshader'];
const REAL_GPU = ['--enable-features=Vulkan', '--use-angle=vulkan', '--ignore-gpu-blocklist', '--disable-software-rasterizer'];
const chromiumFlags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  ...(flags.gpu ? REAL_GPU : SOFTWARE_GPU),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const options = {
  isQuick: flags.quick,
  budgetMs: flags.quick ? 1_500 : 6_000,
  modelBase: flags.model ? '/model/' : null,
  wants: (row) => names.length === 0 || names.some((name) => row.includes(name)),
};
const report = new Report();
const folders = [];
const context = { options, report, chromiumFlags, server: null, browser: null, folders, models: new Map() };
const scans = [...scanRows(options), ...stepRows(options)];
const pages = [...pageRows(context), ...rulesRows(context)];
const trainings = [...trainRows(options), ...gruTrainRows(options)];
if (flags.list) {
  for (const { name } of [...scans, ...pages, ...trainings]) console.log(name);
  process.exit(0);
}

ensureBuild();
for (const { name, run } of trainings) await attempt(name, () => run(report));
if (scans.length + pages.length === 0) await finish();
ensurePeers();
context.server = await startServer({
  folders: {
    '/bench/': inBench('page'),
    '/peers/': inBench('node_modules'),
    '/build/': inBench('../../build'),
    '/dist/': inBench('../../dist'),
    ...(flags.model && { '/model/': resolve(flags.model) }),
  },
  files: { '/floor.wasm': await compileFloor() },
});
const launch = () => chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
context.browser = await launch();
console.log(
  `Chromium ${context.browser.version()}, ${flags.gpu ? 'the GPU of this machine' : 'WebGPU and WebGL drawn by the processor'}\n`,
);
try {
  for (const { name, run } of scans) {
    await attempt(name, async () => {
      const page = await context.browser.newPage();
      page.setDefaultTimeout(0);
      try {
        await page.exposeFunction('tell', (text) => progress(`${name}: ${text}`));
        await page.goto(`${context.server.url}/bench/index.html`);
        await page.waitForFunction(() => 'contest' in globalThis);
        await run(page, report);
      } finally {
        await page.close();
      }
    });
  }
  for (const { name, run } of pages) await attempt(name, run);
} finally {
  await context.browser.close().catch(() => {});
  context.server.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}
await finish();

async function finish() {
  if (flags.json) await report.write(flags.json);
  process.exit(0);
}

/** One row that cannot be measured leaves the others alone. */
async function attempt(name, work) {
  try {
    await work();
  } catch (error) {
    report.skip(name, '', error.message.split('\n')[0]);
    if (context.browser && !context.browser.isConnected()) context.browser = await launch();
  }
}
