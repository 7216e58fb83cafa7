/**
 * Makes up the events of a shop, by seed: long-tailed items in groups, shoppers with some groups to their taste, most with few events.
 *
 *   node test/bench/lib/shopLog.mjs [--events 1000000] [--items 50000] [--users 100000] [--seed 1] > events.csv
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ITEMS_PER_GROUP = 250;
const ZIPF_EXPONENT = 0.9;
/** Spread of the shoppers' activity: the busiest hundredth makes a fifth of all events. */
const ACTIVITY_DEVIATION = 1.3;

/** Returns {users, items}: u32, one per event, in order of time. */
export function makeShopLog({ eventCount, itemCount, userCount, seed = 1 }) {
  const random = mulberry32(seed);
  const all = zipfSampler(itemCount, random);
  const groupCount = Math.max(1, Math.ceil(itemCount / ITEMS_PER_GROUP));
  const inGroup = zipfSampler(Math.min(itemCount, ITEMS_PER_GROUP), random);
  const tastes = Uint32Array.from({ length: 3 * userCount }, () => Math.floor(random() * groupCount));
  const activity = new Float64Array(userCount);
  for (let u = 0, sum = 0; u < userCount; u++) activity[u] = sum += Math.exp(ACTIVITY_DEVIATION * normal(random));
  const users = new Uint32Array(eventCount);
  const items = new Uint32Array(eventCount);
  for (let e = 0; e < eventCount; e++) {
    const user = e < userCount ? e : indexAbove(activity, random() * activity[userCount - 1]);
    const group = tastes[3 * user + Math.floor(3 * random())];
    users[e] = user;
    // Item i belongs to group i mod groupCount, so that each group has popular and rare ones.
    items[e] = random() < 0.25 ? all() : Math.min(itemCount - 1, inGroup() * groupCount + group);
  }
  return { users, items };
}

/** The same as sparse rows: a pair of a user and an item once, its value the number of events. */
export function toSparseRows({ users, items }, userCount, itemCount) {
  const byUser = Array.from({ length: userCount }, () => new Map());
  users.forEach((user, e) => byUser[user].set(items[e], (byUser[user].get(items[e]) ?? 0) + 1));
  const offsets = new Uint32Array(userCount + 1);
  byUser.forEach((row, u) => (offsets[u + 1] = offsets[u] + row.size));
  return {
    rowCount: userCount,
    columnCount: itemCount,
    offsets,
    columns: Uint32Array.from(byUser.flatMap((row) => [...row.keys()])),
    values: Float32Array.from(byUser.flatMap((row) => [...row.values()])),
  };
}

function zipfSampler(count, random) {
  const cumulative = new Float64Array(count);
  for (let i = 0, sum = 0; i < count; i++) cumulative[i] = sum += (i + 1) ** -ZIPF_EXPONENT;
  return () => indexAbove(cumulative, random() * cumulative[count - 1]);
}

function indexAbove(ascending, value) {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const number = (fallback) => ({ type: 'string', default: String(fallback) });
  const { values } = parseArgs({
    options: { events: number(1_000_000), items: number(50_000), users: number(100_000), seed: number(1) },
  });
  const [eventCount, itemCount, userCount, seed] = [values.events, values.items, values.users, values.seed].map(Number);
  const log = makeShopLog({ eventCount, itemCount, userCount, seed });
  const startMs = Date.UTC(2026, 0, 1);
  const stepMs = (90 * 86_400_000) / eventCount;
  let lines = 'user_id,item_id,timestamp\n';
  for (let e = 0; e < eventCount; e++) {
    lines += `U${log.users[e]},ITEM-${String(log.items[e]).padStart(6, '0')},${new Date(startMs + e * stepMs).toISOString()}\n`;
    if (lines.length > 1_000_000 || e === eventCount - 1) {
      if (!process.stdout.write(lines)) await new Promise((resolve) => process.stdout.once('drain', resolve));
      lines = '';
    }
  }
}
