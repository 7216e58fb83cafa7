/** What rules cost: the same list plain and with rules, in turn, in one page. */
import { openShop } from './openShop.mjs';
import { median, progress, quantile } from './report.mjs';

const LIMIT = 20;
const FILTER = { category: ['Cameras', 'Phones', 'Audio'], price: { min: 20, max: 400 }, not: { brand: 'Brand 7' } };
const BOOST = [
  { filter: { brand: ['Brand 1', 'Brand 2', 'Brand 3'] }, factor: 1.3 },
  { filter: { price: { max: 50 } }, factor: 0.8 },
];
const CAPS = [{ field: 'brand', max: 2 }];
const PIN = [{ itemId: 'p4200', position: 2 }];
const ALL = { filter: FILTER, boost: BOOST, caps: CAPS, pin: PIN, diversity: 0.3 };

/** Each rule alone, then all; `starved` fills its list from far below the best, `impossible` cannot fill it, `where` asks a function in the page. */
const LISTS = {
  filter: { filter: FILTER },
  boost: { boost: BOOST },
  caps: { caps: CAPS },
  pin: { pin: PIN },
  diversity: { diversity: 0.3 },
  all: ALL,
  'all, mmr': { ...ALL, diversifyBy: 'mmr' },
  'all, dpp': { ...ALL, diversifyBy: 'dpp' },
  'all, starved': {
    ...ALL,
    caps: [
      { field: 'brand', max: 1 },
      { field: 'price', max: 1 },
      { field: 'category', max: 7 },
    ],
  },
  'all, impossible': { ...ALL, caps: [{ field: 'category', max: 3 }] },
  where: { isAsked: true },
  'all, where': { ...ALL, isAsked: true },
};

/** [{name, run()}] of the rows wanted. */
export function rulesRows(context) {
  const { wants } = context.options;
  const rows = [
    { name: 'rules N=100000', run: () => rulesRow(context, 'rules N=100000') },
    // As many items in a group as `train` writes, and as many as may be.
    ...[200, 1_000].map((size) => ({
      name: `like-minded N=20000 groups=2000x${size}`,
      run: () => likeMindedRow(context, `like-minded N=20000 groups=2000x${size}`, size),
    })),
  ];
  return rows.filter(({ name }) => wants(name));
}

async function rulesRow(context, name) {
  const shop = await openShop(context, name, { itemCount: 100_000 });
  try {
    await shop.page.goto(shop.url);
    await shop.page.waitForFunction(() => 'measured' in globalThis);
    progress(`${name}: measuring`);
    const rounds = context.options.isQuick ? 60 : 300;
    await shop.page.evaluate(makeHistory);
    for (const [rule, options] of Object.entries(LISTS)) {
      progress(`${name}: ${rule}`);
      const { plain, ruled, items, backend } = await shop.page.evaluate(measure, { limit: LIMIT, options, rounds });
      context.report.add({
        name: `${name} ${rule}`,
        peer: 'plain recommend',
        ours: median(ruled),
        theirs: median(plain),
        timesPlain: median(ruled) / median(plain),
        items,
        p99: quantile(ruled, 0.99),
        rounds,
        backend,
      });
    }
  } finally {
    await shop.close();
  }
}

/** User-based collaborative filtering from groups of like-minded shoppers, beside the plain list of the same shop. */
async function likeMindedRow(context, name, size) {
  const shop = await openShop(context, name, { itemCount: 20_000, groups: { count: 2_000, size } });
  try {
    await shop.page.goto(shop.url);
    await shop.page.waitForFunction(() => 'measured' in globalThis);
    await shop.page.evaluate(makeHistory);
    progress(`${name}: measuring`);
    const rounds = context.options.isQuick ? 60 : 300;
    const { plain, ruled, engine, items, backend, strategy } = await shop.page.evaluate(measure, {
      limit: LIMIT,
      options: { strategy: 'likeMinded', fallback: [] },
      rounds,
    });
    if (strategy !== 'likeMinded' || items !== LIMIT)
      throw new Error(
        `the list is ${items} items of ${strategy}: ${JSON.stringify(await shop.page.evaluate(async () => (await globalThis.recommender.likeMinded({ limit: 20 })).rungs))}`,
      );
    context.report.add({
      name,
      peer: 'plain recommend',
      ours: median(ruled),
      theirs: median(plain),
      engineMs: median(engine),
      p99: quantile(ruled, 0.99),
      rounds,
      backend,
    });
  } finally {
    await shop.close();
  }
}

/** In the page: 50 events. */
async function makeHistory() {
  const { recommender } = globalThis;
  await recommender.ready;
  for (let n = 0; n < 50; n++) await recommender.record({ event: n % 5 ? 'view_item' : 'add_to_cart', items: [{ item_id: `p${n * 37}` }] });
}

/** In the page: the plain list and the one with rules in turn, each first every other time. */
async function measure({ limit, options: { isAsked, ...rules }, rounds }) {
  const { recommender } = globalThis;
  const times = { plain: [], ruled: [] };
  const engine = [];
  // A function cannot be handed into the page: it is written here.
  const ruled = { limit, ...rules, ...(isAsked && { where: ({ brand }) => brand !== 'Brand 7' }) };
  let items = 0;
  let backend = '';
  let strategy = '';
  for (let round = -20; round < rounds; round++) {
    const turn = [
      ['plain', { limit }],
      ['ruled', ruled],
    ];
    for (const [name, options] of round % 2 ? turn : turn.toReversed()) {
      const startMs = performance.now();
      const list = await recommender.recommend(options);
      if (round >= 0) times[name].push(performance.now() - startMs);
      if (name !== 'ruled') continue;
      items = list.items.length;
      ({ backend, strategy } = list);
      if (round >= 0) engine.push(list.tookMs);
    }
  }
  return { ...times, engine, items, backend, strategy };
}
