/**
 * Holds every sequence fixture (test/fixtures/sequences), imported, against what its framework itself answered, on every backend that runs here:
 *
 *   npm run parity [-- names] [--json FILE] [--each]
 *
 * A backend that cannot run is named with its reason. Exits with 1 when a score is off by more than 1e-4, relative to the largest of its
 * list, or a float32 list is another; and when int8 lists keep less than 98 % of the original's top 20 over all fixtures.
 */
import { createServer } from 'node:http';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import sirv from 'sirv';
import { compareScores, PARITY } from '../../build/src/cli/sequences/compareWithOriginal.js';
import { readSequenceSource } from '../../build/src/cli/sequences/readSequenceSource.js';
import { readSelfTestFile } from '../../build/src/cli/sequences/selfTestFile.js';
import { createCpuBackend } from '../../build/src/core/kernels/topK.cpu.js';
import { createWasmBackend } from '../../build/src/core/kernels/topK.wasm.js';
import { findChromium } from '../findChromium.mjs';
import { answerCases } from './answerCases.mjs';

const FIXTURES = new URL('../fixtures/sequences/', import.meta.url);
const LEAST_OVERLAP = 0.98;
const IDS = Array.from({ length: 30 }, (_, i) => `item-${String(i).padStart(2, '0')}`);
const FRAMEWORKS = { keras3: 'Keras 3', keras2: 'Keras 2', tfjs: 'tfjs-layers', torch: 'PyTorch', gru4rec: 'PyTorch, as GRU4Rec' };
FRAMEWORKS.recbole = 'PyTorch, as RecBole';
FRAMEWORKS.sasrec = 'PyTorch, as SASRec';

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, each: { type: 'boolean', default: false } },
});

/** Backends by name: `answer(source, histories, dtype)`. */
async function openInNode() {
  const here = { wasm: createWasmBackend(), cpu: createCpuBackend() };
  return Object.entries(here).map(([name, backend]) => ({
    place: `${name}, Node`,
    answer: (...asked) => answerCases(backend, ...asked),
  }));
}

async function openInPage(page) {
  const opened = [];
  for (const name of ['wasm', 'webgpu', 'webgl', 'cpu']) {
    try {
      const adapter = await page.evaluate((one) => window.openBackend(one), name);
      const answer = (...asked) => page.evaluate((one) => window.answerCases(...one), [name, ...asked]);
      opened.push({ place: `${name}, Chromium`, answer, adapter });
    } catch (error) {
      console.log(`${name}, Chromium: does not run here: ${String(error.message).split('\n')[0]}`);
    }
  }
  return opened;
}

async function readFixture(name, { describe, ...options }) {
  const folder = new URL(`${name}/`, FIXTURES);
  const file = readdirSync(folder).find((one) => /^model\.(?!.*bin$)/.test(one));
  const source = await readSequenceSource(fileURLToPath(new URL(file, folder)), {
    itemCount: IDS.length,
    ...options,
    ...(describe && { describe: fileURLToPath(new URL(describe, folder)) }),
  });
  const answers = await readSelfTestFile(fileURLToPath(new URL('self-test.json', folder)), IDS);
  const tensors = Object.fromEntries(
    [...source.tensors].map(([key, { shape, values }]) => [key, { shape: [...shape], values: [...values] }]),
  );
  return { source, answers, format: file.replace('model.', '.').replace('.json', 'model.json'), plain: { config: source.config, tensors } };
}

async function compare(name, { source, answers, format, plain }, { place, answer }) {
  const histories = answers.cases.map(({ items }) => [...items]);
  const exact = await answer(plain, histories, 'float32');
  const scores = new Map(histories.map((items, at) => [String(items), toScores(exact[at])]));
  const scoresOf = (items) => scores.get(String(items));
  const { largestDifference } = compareScores(answers.cases, answers.scoreKind ?? source.scoreKind, source.strippedRows, scoresOf);
  const isSame = answers.cases.every(({ top }, at) => top.every((item, rank) => exact[at].items[rank] === item));
  const int8 = await answer(plain, histories, 'int8');
  const kept = answers.cases.map(
    ({ top }, at) => int8[at].items.slice(0, top.length).filter((item) => top.includes(item)).length / top.length,
  );
  const overlap = kept.reduce((sum, share) => sum + share, 0) / kept.length;
  const framework = FRAMEWORKS[name.split('-')[0]];
  return { model: name, format, framework, backend: place, cases: histories.length, largestDifference, isSame, int8Overlap: overlap };
}

function toScores({ items, scores }) {
  const all = new Float64Array(items.length);
  items.forEach((item, rank) => (all[item] = scores[rank]));
  return all;
}

/** Rows that are alike on several backends are shown once, unless --each. */
function shown(rows) {
  const groups = Map.groupBy
    ? Map.groupBy(rows, ({ model }) => model)
    : rows.reduce((all, row) => all.set(row.model, [...(all.get(row.model) ?? []), row]), new Map());
  if (flags.each) return rows;
  return [...groups.values()].flatMap((group) => {
    const isAlike = group.every((row) => ['largestDifference', 'isSame', 'int8Overlap'].every((key) => row[key] === group[0][key]));
    return isAlike ? [{ ...group[0], backend: `all ${group.length}` }] : group;
  });
}

const wanted = Object.entries(JSON.parse(readFileSync(new URL('readOptions.json', FIXTURES), 'utf8'))).filter(
  ([name]) => names.length === 0 || names.some((one) => name.includes(one)),
);
const server = createServer(sirv(fileURLToPath(new URL('../../', import.meta.url)), { dev: true }));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-unsafe-swiftshader'],
});
const rows = [];
const backends = [];
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/test/parity/page.html`);
  await page.waitForFunction(() => 'answerCases' in window);
  backends.push(...(await openInNode()), ...(await openInPage(page)));
  for (const [name, options] of wanted) {
    const fixture = await readFixture(name, options);
    for (const backend of backends) rows.push(await compare(name, fixture, backend));
  }
} finally {
  await browser.close();
  server.close();
}

console.log(`Backends: ${backends.map(({ place, adapter }) => (adapter ? `${place} (${adapter})` : place)).join('; ')}\n`);
console.log(
  '| model | read from | framework | backends | largest score difference | same top 20 | int8 overlap |\n|---|---|---|---|---|---|---|',
);
for (const { model, format, framework, backend, largestDifference, isSame, int8Overlap } of shown(rows)) {
  const cells = [
    model,
    `\`${format}\``,
    framework,
    backend,
    largestDifference.toExponential(1),
    isSame ? 'yes' : 'NO',
    int8Overlap.toFixed(4),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
const meanOverlap = rows.reduce((sum, { int8Overlap }) => sum + int8Overlap, 0) / rows.length;
const largest = Math.max(...rows.map(({ largestDifference }) => largestDifference));
console.log(`\n${rows.length} rows. Largest difference ${largest.toExponential(1)}, mean int8 overlap ${meanOverlap.toFixed(4)}.`);
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(rows, null, 2)}\n`);
const isGood = rows.length > 0 && largest <= PARITY && rows.every(({ isSame }) => isSame) && meanOverlap >= LEAST_OVERLAP;
process.exitCode = isGood ? 0 : 1;
