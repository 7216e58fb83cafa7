/** The rows about training: an epoch of ALS beside the same in numpy, on as many threads. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { median, progress } from './report.mjs';
import { makeShopLog, toSparseRows } from './shopLog.mjs';

const OBJECTIVE = { regularization: 0.01, nu: 1 };
const ROUNDS = 5;

/** [{name, run(report)}] of all rows of this kind. */
export function trainRows({ isQuick, wants }) {
  const size = isQuick
    ? { eventCount: 100_000, itemCount: 10_000, userCount: 10_000 }
    : { eventCount: 1_000_000, itemCount: 50_000, userCount: 100_000 };
  const rows = [];
  for (const factors of isQuick ? [64] : [16, 64, 128, 256]) {
    for (const threads of [1, 2]) {
      const name = `train als d=${factors} threads=${threads}`;
      rows.push({ name, run: (report) => contest(report, { name, factors, threads, rounds: isQuick ? 3 : ROUNDS, ...size }) });
    }
  }
  return rows.filter(({ name }) => wants(name));
}

async function contest(report, { name, factors, threads, rounds, eventCount, itemCount, userCount }) {
  const trainers = new URL('../../../build/src/cli/trainers/', import.meta.url);
  const { AlsEngine } = await import(new URL('als/alsEngine.js', trainers));
  const { alsObjective } = await import(new URL('als/alsObjective.js', trainers));
  const { fillNormal, seededRandom } = await import(new URL('seededRandom.js', trainers));
  const rows = toSparseRows(makeShopLog({ eventCount, itemCount, userCount }), userCount, itemCount);
  const unobservedWeight = (10 * rows.columns.length) / (userCount * itemCount);
  const options = { ...OBJECTIVE, unobservedWeight, factors, epochs: rounds, seed: 1 };
  const items = new Float32Array(itemCount * factors);
  fillNormal(items, 0.1 / Math.sqrt(factors), seededRandom(1));
  const folder = await mkdtemp(join(tmpdir(), 'shelfmate-bench-train-'));
  let peer = null;
  const engine = new AlsEngine(rows, options, threads);
  try {
    engine.setItems(items);
    peer = await startPeer(folder, rows, items, { ...options, threads });
    const times = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round++) {
      progress(`${name}: epoch ${round + 1} of ${rounds}`);
      const start = performance.now();
      await engine.solve('users', async () => {});
      await engine.solve('items', async () => {});
      times.ours.push(performance.now() - start);
      times.theirs.push(1000 * Number(await peer.ask('epoch')));
    }
    await peer.ask('write');
    const read = async (file) => new Float32Array((await readFile(join(folder, file))).buffer);
    const theirs = alsObjective(rows, { users: await read('users.f32'), items: await read('items.f32') }, factors, options);
    const objective = alsObjective(rows, engine.factors(), factors, options) / theirs;
    report.add({ name, peer: 'numpy', ours: median(times.ours), theirs: median(times.theirs), pairs: rows.columns.length, objective });
  } finally {
    peer?.stop();
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startPeer(folder, rows, items, { factors, regularization, unobservedWeight, nu, threads }) {
  const files = { 'offsets.u32': rows.offsets, 'columns.u32': rows.columns, 'values.f32': rows.values, 'items.f32': items };
  for (const [file, values] of Object.entries(files)) await writeFile(join(folder, file), values);
  const script = fileURLToPath(new URL('alsPeer.py', import.meta.url));
  const args = [folder, rows.rowCount, rows.columnCount, factors, regularization, unobservedWeight, nu, threads].map(String);
  const child = spawn(process.env.PYTHON ?? 'python3', [script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Its batches are shared among threads already.
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
  });
  const lines = createInterface({ input: child.stdout });
  const waiting = [];
  lines.on('line', (line) => waiting.shift()?.resolve(line));
  const fail = () => waiting.splice(0).forEach(({ reject }) => reject(new Error('python3 with numpy and scipy is needed for this row.')));
  child.on('error', fail);
  child.on('exit', fail);
  const next = () => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  await next();
  return {
    ask: (word) => {
      child.stdin.write(`${word}\n`);
      return next();
    },
    stop: () => child.kill(),
  };
}
