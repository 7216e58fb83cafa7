/** Every strategy at its own task beside what is popular: the same questions, asked of the code that runs in the page's worker. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { createWasmBackend, wasmScratchBytes } from '../../build/src/core/kernels/topK.wasm.js';
import { caseHistory } from '../../build/src/core/metrics/caseHistory.js';
import { leadingRows } from '../../build/src/core/metrics/scorer.js';
import { unavailableRows } from '../../build/src/core/ranking/rowMask.js';
import { strategyRoom } from '../../build/src/core/strategies/strategyRoom.js';
import { openFolder, questionsOf, train, writeTrainingPart } from './trainedFolder.mjs';

const LIMIT = 20;
const DAY_MS = 86_400_000;
const MAX_QUESTIONS = 2_000;
/** Events of the past cannot know what is in stock today, and people buy again what they bought. */
const OPEN = { excludeSeen: false, exclusions: { inCart: false, bought: false, outOfStock: false, priceZero: false } };

/** Prints the table; rows that need `realData`, the folder of public sets, are left out where it is not there. */
export async function strategyTable({ work, realData, demoShop }) {
  const rows = [
    ...(await demoRows(work, demoShop)),
    ...(realData ? [...(await retailRows(work, realData)), ...(await officeRows(work, realData))] : []),
  ];
  console.log(`| strategy | asked | questions | Recall@${LIMIT} / NDCG@${LIMIT} | popular |\n|---|---|---|---|---|`);
  for (const { strategy, task, count, own, popular } of rows)
    console.log(`| ${strategy} | ${task} | ${count.toLocaleString('en')} | ${figures(own)} | ${figures(popular)} |`);
  if (!realData) console.log('\nSHELFMATE_REAL_DATA does not name the folder of public sets: their rows are left out.');
  const behind = rows.filter(({ own, popular }) => own.ndcg <= popular.ndcg || own.recall <= popular.recall);
  for (const { strategy, task } of behind) console.log(`\nNot above popularity: ${strategy}, ${task}.`);
}

const figures = ({ recall, ndcg }) => `${recall.toFixed(3)} / ${ndcg.toFixed(3)}`;

async function openRoom(path) {
  const { model, read } = await openFolder(path);
  const backend = createWasmBackend();
  const loaded = await backend.load(model.factors.matrix);
  let nowMs = 0;
  const room = strategyRoom.open(model, {
    language: 'en',
    history: { mode: 'memory' },
    nowMs: () => nowMs,
    scratchBytes: wasmScratchBytes,
    read,
    randomId: () => 'bench',
    append: async () => {},
    forget: async () => {},
  });
  const unavailable = unavailableRows(model.catalog, model.availableRows, model.catalog.itemCount);
  /** One list: `history` oldest first, the clock at `atMs`. */
  const list = async ({ strategy, itemIds = [], category = null, history = [], atMs, ...options }) => {
    nowMs = atMs;
    return room.answer(
      { method: 'list', strategy, itemIds, category, options: { limit: LIMIT, fallback: [], ...OPEN, ...options } },
      {
        context: { model, loaded, unavailable, history, language: 'en', session: null },
        backend,
        userVector: null,
        judge: null,
        toList: (made) => made,
        adopt: async () => {},
      },
    );
  };
  return { model, list };
}

/** Questions as the page would meet them: the history, when it is, and the ids of the right answers. */
async function ask({ model }, events, options) {
  const { cases, rows, log } = await questionsOf(model, events, { maxCases: MAX_QUESTIONS, ...options });
  const map = leadingRows(model.catalog.itemCount, rows.ids.length);
  return cases.map((question) => ({
    history: caseHistory(question, map, model.catalog),
    atMs: 1 + question.timesMs.reduce((a, b) => Math.max(a, b), 0),
    targets: Array.from(question.targets, (row) => rows.ids[row]),
    log,
  }));
}

/** Asks `requestOf` and the popular list for each question; both leave out the same items. */
async function contest(shop, strategy, task, questions, requestOf, popularOf = requestOf) {
  const own = { recall: 0, ndcg: 0 };
  const popular = { recall: 0, ndcg: 0 };
  for (const question of questions) {
    const { history, atMs, targets } = question;
    for (const [sums, request] of [
      [own, requestOf(question)],
      [popular, { ...popularOf(question), strategy: 'popular' }],
    ]) {
      const { items } = await shop.list({ history, atMs, ...request });
      add(
        sums,
        items.map(({ itemId }) => itemId),
        new Set(targets),
      );
    }
  }
  for (const sums of [own, popular]) for (const name of Object.keys(sums)) sums[name] /= questions.length;
  return { strategy, task, count: questions.length, own, popular };
}

/** Recall, and NDCG with binary gains, as core/metrics/rankingMetrics.ts. */
function add(sums, list, targets) {
  const discount = (rank) => 1 / Math.log2(rank + 2);
  let ideal = 0;
  for (let rank = 0; rank < Math.min(LIMIT, targets.size); rank++) ideal += discount(rank);
  list.forEach((itemId, rank) => {
    if (!targets.has(itemId)) return;
    sums.recall += 1 / targets.size;
    sums.ndcg += discount(rank) / ideal;
  });
}

/** The demo's generated shop: views, carts and orders, categories, and nothing that is not in this repository. */
async function demoRows(work, demoShop) {
  const events = join(demoShop, 'events.jsonl');
  const part = join(work, 'demo.csv');
  await writeTrainingPart(events, { protocol: 'temporal', testDays: 14 }, part);
  const shop = await openRoom(await train(part, join(work, 'demo'), '--catalog', join(demoShop, 'catalog.jsonl')));
  const { catalog } = shop.model;
  const questions = (await ask(shop, events, { protocol: 'temporal', testDays: 14 })).filter(({ history }) => history.length > 0);
  const next = 'demo shop: the next visit';
  const categoryOf = ({ targets }) =>
    targets.map((itemId) => catalog.indexOf(itemId)).flatMap((row) => (row === undefined ? [] : [catalog.value(row, 'category')]))[0];
  const inCategory = questions.flatMap((question) => {
    const category = categoryOf(question);
    if (category === undefined) return [];
    const targets = question.targets.filter((itemId) => catalog.value(catalog.indexOf(itemId) ?? 0, 'category') === category);
    return [{ ...question, category, targets }];
  });
  const last = ({ history }) => history.at(-1).itemId;
  return [
    await contest(shop, '`recommend` (ALS)', next, questions, () => ({ strategy: 'personal' })),
    await contest(shop, '`continueShopping`', next, questions, () => ({ strategy: 'continueShopping' })),
    await contest(shop, '`recentlyViewed`', next, questions, () => ({ strategy: 'recentlyViewed' })),
    await contest(
      shop,
      '`trending({category})`',
      'demo shop: the next visit, in its first category; beside the popular of the whole shop',
      inCategory,
      ({ category }) => ({ strategy: 'trending', category }),
      () => ({}),
    ),
    await contest(shop, '… the same', 'beside the popular of the category', inCategory, ({ category }) => ({
      strategy: 'trending',
      category,
    })),
    await contest(shop, '`similarItems`', 'demo shop: the next visit, from the item looked at last', questions, (one) => ({
      strategy: 'similar',
      itemIds: [last(one)],
    })),
    await contest(shop, '`lookingSimilar`', 'the same', questions, (one) => ({ strategy: 'lookingSimilar', itemIds: [last(one)] })),
    await contest(
      shop,
      'cold ladder: `content` of the page',
      'the same, nothing else known of the shopper',
      questions.map((one) => ({ ...one, history: [], page: last(one) })),
      ({ page }) => ({ strategy: null, context: { itemId: page }, fallback: undefined }),
    ),
  ];
}

/** UCI Online Retail: orders only. An item came on the day of its first order. */
async function retailRows(work, realData) {
  const events = join(realData, 'online-retail/online_retail.csv.gz');
  const part = join(work, 'retail.csv');
  await writeTrainingPart(events, { protocol: 'temporal' }, part);
  const came = new Map();
  let endMs = 0;
  for (const line of readFileSync(part, 'utf8').trim().split('\n').slice(1)) {
    const [, itemId, time] = line.split(',');
    const timeMs = Date.parse(time);
    came.set(itemId, Math.min(timeMs, came.get(itemId) ?? Infinity));
    endMs = Math.max(endMs, timeMs);
  }
  const catalog = join(work, 'retail.jsonl');
  writeFileSync(
    catalog,
    [...came].map(([itemId, timeMs]) => JSON.stringify({ itemId, addedAt: new Date(timeMs).toISOString() })).join('\n'),
  );
  const shop = await openRoom(await train(part, join(work, 'retail'), '--catalog', catalog));
  const questions = await ask(shop, events, { protocol: 'temporal' });
  const halves = await ask(shop, events, { protocol: 'temporal', targets: 'rest-of-visit' });
  /** The part of the basket that is known: what came last, all at one time. */
  const half = ({ history }) => {
    const newest = history.at(-1)?.timeMs;
    return [...new Set(history.filter(({ timeMs }) => timeMs === newest).map(({ itemId }) => itemId))];
  };
  const baskets = halves.filter((one) => half(one).length > 0);
  const isNew = (itemId) => (came.get(itemId) ?? 0) > endMs - 28 * DAY_MS;
  const ofNew = questions.map((one) => ({ ...one, targets: one.targets.filter(isNew) })).filter(({ targets }) => targets.length > 0);
  const next = 'Online Retail: the next basket';
  const rest = 'Online Retail: the rest of the basket';
  return [
    await contest(shop, '`recommend` (ALS)', next, questions, () => ({ strategy: 'personal' })),
    await contest(shop, '`neighbors` (kNN)', next, questions, () => ({ strategy: 'neighbors' })),
    await contest(shop, '`likeMinded`', next, questions, () => ({ strategy: 'likeMinded' })),
    await contest(shop, '`trending`', next, questions, () => ({ strategy: 'trending' })),
    await contest(shop, '`newArrivals`', `${next}, of what came in the last four weeks`, ofNew, () => ({
      strategy: 'newArrivals',
      history: [],
      atMs: endMs,
    })),
    await contest(
      shop,
      '… the same',
      'beside the popular of what came then',
      ofNew,
      () => ({ strategy: 'newArrivals', history: [], atMs: endMs }),
      () => ({ filter: { addedAt: { min: new Date(endMs - 28 * DAY_MS).toISOString() } } }),
    ),
    await contest(shop, '`boughtTogether({items})`', `${rest}, from its first half`, baskets, (one) => ({
      strategy: 'boughtTogether',
      itemIds: half(one),
    })),
    await contest(shop, '`similarItems`', `${rest}, from one item`, baskets, (one) => ({
      strategy: 'similar',
      itemIds: half(one).slice(-1),
    })),
  ];
}

/** Amazon Office: texts and brands; the next item from the page of the last, nothing else known of the shopper. */
async function officeRows(work, realData) {
  const read = (name) => readFileSync(join(realData, 'amazon-office', name));
  const items = JSON.parse(gunzipSync(read('items.json.gz')).toString());
  const catalog = join(work, 'office.jsonl');
  const toItem = ([itemId, { title, description, brand, categories }]) => ({
    itemId,
    title,
    description,
    brand,
    ...(categories && { categories }),
  });
  writeFileSync(
    catalog,
    Object.entries(items)
      .map((entry) => JSON.stringify(toItem(entry)))
      .join('\n'),
  );
  const lines = (name) =>
    read(name)
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  // The longest history of each shopper of the earlier part holds all of it.
  const earlier = new Map(lines('valid.jsonl').map(({ u, h, t }) => [u, [...h, t]]));
  const events = join(work, 'office.txt');
  writeFileSync(events, [...earlier].map(([user, own]) => [user, ...own].join(' ')).join('\n'));
  const shop = await openRoom(await train(events, join(work, 'office'), '--format', 'user-items', '--catalog', catalog));
  const questions = lines('test.jsonl')
    .filter(({ h, t }) => h.at(-1) !== t)
    .slice(0, MAX_QUESTIONS)
    .map(({ h, t }) => ({ history: [], atMs: 0, page: String(h.at(-1)), targets: [String(t)] }));
  const task = 'Amazon Office: the next item, from the page of the last';
  return [
    await contest(shop, '`lookingSimilar`', task, questions, ({ page }) => ({ strategy: 'lookingSimilar', itemIds: [page] })),
    await contest(shop, 'cold ladder: `content` of the page', task, questions, ({ page }) => ({
      strategy: null,
      context: { itemId: page },
      fallback: undefined,
    })),
  ];
}
