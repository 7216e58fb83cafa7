/** The rows about the scan itself: topk, real factors, batch. */
import { median, progress } from './report.mjs';

const K = 50;
const PLAIN = { peer: 'plain-js', script: 'ours', kind: 'plain-js' };
const FLOOR = { peer: 'floor', script: 'ours', kind: 'floor' };
const TFJS_WASM = { peer: 'tfjs-wasm', script: 'tfjs', kind: 'wasm' };
const TFJS_CPU = { peer: 'tfjs-cpu', script: 'tfjs', kind: 'cpu' };
const TFJS_WEBGL = { peer: 'tfjs-webgl', script: 'tfjs', kind: 'webgl', ours: 'webgl' };
const TFJS_WEBGPU = { peer: 'tfjs-webgpu', script: 'tfjs', kind: 'webgpu', ours: 'webgpu' };
const ONNX = { peer: 'onnxruntime-web', script: 'onnx', kind: 'wasm' };
const EDGEVEC = { peer: 'edgevec', script: 'edgevec', kind: 'hnsw' };
const HNSWLIB = { peer: 'hnswlib-wasm', script: 'hnswlib', kind: 'hnsw' };

const PLAIN_WASM = { peer: 'plain wasm', script: 'ours', kind: 'wasm', ours: 'relaxed' };

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const DIMENSIONS = [32, 64, 128];

/** Who can manage a catalogue of that size in sensible time and memory. */
function peersFor(itemCount, dimensions, { isQuick }) {
  const values = itemCount * dimensions;
  const peers = [FLOOR, PLAIN];
  if (values <= 64e6) peers.push(TFJS_WASM);
  if (values <= 12.8e6) peers.push(ONNX, TFJS_CPU);
  // Building an index of 100,000 takes hnswlib half a minute, EdgeVec several.
  if (itemCount <= 10_000) peers.push(EDGEVEC);
  if (itemCount <= 10_000 || (itemCount <= 100_000 && dimensions === 64 && !isQuick)) peers.push(HNSWLIB);
  if (itemCount >= 10_000 && itemCount <= 100_000 && dimensions === 64) peers.push(TFJS_WEBGL, TFJS_WEBGPU);
  return peers;
}

/** [{name, run(page, report, options)}] of all rows of this kind. */
export function scanRows(options) {
  const rows = [];
  for (const itemCount of SIZES) {
    for (const dimensions of DIMENSIONS) {
      const name = `topk N=${itemCount} d=${dimensions} k=${K}`;
      rows.push({
        name,
        run: (page, report) =>
          contest(page, report, { ...options, name, itemCount, dimensions, peers: peersFor(itemCount, dimensions, options) }),
      });
    }
  }
  if (options.modelBase) {
    const name = 'real factors';
    const peers = [FLOOR, PLAIN, TFJS_WASM, ...(options.modelHasBiases ? [] : [ONNX])];
    rows.push({
      name,
      run: (page, report) => contest(page, report, { ...options, name, itemCount: 0, dimensions: 0, peers, modelBase: options.modelBase }),
    });
  }
  const alone = { itemCount: 100_000, dimensions: 64 };
  const relaxed = `topk relaxed N=100000 d=64 k=${K}`;
  rows.push({ name: relaxed, run: (page, report) => contest(page, report, { ...options, ...alone, name: relaxed, peers: [PLAIN_WASM] }) });
  const f16 = `topk f16 N=100000 d=64 k=${K}`;
  rows.push({
    name: f16,
    run: (page, report) => contest(page, report, { ...options, ...alone, name: f16, isExact: true, peers: [TFJS_WEBGPU] }),
  });
  const batch = { itemCount: 100_000, dimensions: 64, batchSize: 256, runLimitMs: 180_000 };
  const name = 'batch B=256 N=100000';
  // Apart, for a GPU that is drawn by the processor starves the others.
  const OURS_WASM = { peer: 'shelfmate-wasm', script: 'ours', kind: 'wasm', ours: 'webgpu' };
  for (const peers of [[TFJS_WASM, PLAIN], [OURS_WASM, TFJS_WEBGPU], [TFJS_WEBGL]]) {
    rows.push({ name, run: (page, report) => contest(page, report, { ...options, ...batch, name, peers }) });
  }
  return rows.filter(({ name: row }) => options.wants(row));
}

async function contest(
  page,
  report,
  { name, itemCount, dimensions, peers, budgetMs, batchSize = 1, runLimitMs = 60_000, modelBase = null, isExact = false, isQuick },
) {
  const wanted = isQuick ? peers.filter(({ peer }) => (batchSize === 1 ? !peer.startsWith('tfjs-webg') : peer === 'tfjs-wasm')) : peers;
  if (wanted.length === 0) return;
  const kinds = new Set(wanted.map(({ ours = 'wasm' }) => ours));
  const contestants = [...kinds].map((kind) => ({ peer: null, script: 'ours', kind }));
  contestants.push(...wanted.filter(({ script, kind }) => script !== 'ours' || !kinds.has(kind)));
  progress(name);
  const outcome = await page.evaluate((given) => globalThis.contest(given), {
    itemCount,
    dimensions,
    k: K,
    batchSize,
    modelBase,
    isExact,
    contestants: contestants.map(({ peer, script, kind }) => ({ peer, script, kind })),
    budgetMs,
    runLimitMs,
  });
  const fullName = modelBase ? `real factors N=${outcome.itemCount} d=${outcome.dimensions} k=${K}` : name;
  const oursBy = new Map(outcome.results.filter(({ peer }) => peer === null).map((result) => [result.kind, result]));
  for (const { peer, kind, script, ours: oursKind = 'wasm' } of wanted) {
    const ours = oursBy.get(oursKind);
    const theirs = outcome.results.find((result) => result.peer === peer) ?? (script === 'ours' ? oursBy.get(kind) : undefined);
    const error = ours.error ?? theirs.error;
    if (error) {
      report.skip(fullName, peer, error);
      continue;
    }
    report.add({
      name: fullName,
      peer,
      ours: median(ours.times),
      theirs: median(theirs.times),
      recall: ours.recall,
      adapter: ours.adapter,
      ...(ours.chosen && { chosen: ours.chosen }),
      backend: oursKind,
      oursMin: Math.min(...ours.times),
      theirsMin: Math.min(...theirs.times),
      rounds: Math.min(ours.times.length, theirs.times.length),
      ...(ours.recallUnquantised !== null && { recallUnquantised: ours.recallUnquantised }),
      ...(theirs.recall !== null && { theirRecall: theirs.recall }),
      ...(peer === 'floor' ? {} : { theirPrepareMs: Math.round(theirs.prepareMs) }),
    });
  }
}
