/** The memory of a whole page while it loads a million items. */
import { readFileSync } from 'node:fs';
import { findChromium } from '../../findChromium.mjs';
import { startBareChromium } from './bareChromium.mjs';
import { progress } from './report.mjs';

const SAMPLE_MS = 4;
const SETTLE_MS = 1_000;

/**
 * `ours`: the most that the worker held at once: JavaScript heap (with what is free in it), array buffers, WebAssembly memory, as the
 * browser counts them. `processBytes`: by how much the private memory of the page's process grew meanwhile, as Linux counts it: the
 * worker's, the page's, and what the browser itself needs to fetch, hash and store the files.
 */
export async function memoryRow(context, name, model, modelUrl) {
  const browser = await startBareChromium(findChromium(), context.chromiumFlags);
  try {
    const { targetId } = await browser.send('Target.createTarget', { url: `${context.server.url}/bench/empty.html` });
    const { sessionId: page } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    let worker = null;
    browser.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => (worker = targetInfo.type === 'worker' ? sessionId : worker));
    await browser.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true }, page);
    await pause(SETTLE_MS);
    const grown = await watchProcesses(browser);
    const peak = { worker: 0, process: 0 };
    const loading = new AbortController();
    const sampling = (async () => {
      for (; !loading.signal.aborted; await pause(SAMPLE_MS)) {
        peak.process = Math.max(peak.process, grown());
        if (worker) peak.worker = Math.max(peak.worker, heapBytes(await browser.send('Runtime.getHeapUsage', {}, worker)));
      }
    })();
    progress(`${name}: loading`);
    const firstListMs = await evaluate(browser, page, `openShop(${JSON.stringify(modelUrl)})`);
    await pause(SETTLE_MS);
    loading.abort();
    await sampling;
    const settledBytes = grown();
    const wasmBytes = await wasmMemoryBytes(browser, worker);
    await browser.send('HeapProfiler.collectGarbage', {}, worker);
    const keptBytes = wasmBytes + heapBytes(await browser.send('Runtime.getHeapUsage', {}, worker));
    context.report.add({
      name,
      peer: 'floor',
      ours: peak.worker + wasmBytes,
      theirs: model.bytes,
      unit: 'bytes',
      budget: Math.round(1.3 * model.bytes + 30e6),
      keptBytes,
      ...(process.platform === 'linux' && { processBytes: peak.process, settledBytes, collectedBytes: grown() }),
      firstListMs,
    });
  } finally {
    await browser.close();
  }
}

function heapBytes({ totalSize, embedderHeapUsedSize, backingStorageSize }) {
  return totalSize + embedderHeapUsedSize + backingStorageSize;
}

/** Bytes of the WebAssembly memories there are, which the heap's figures leave out. */
async function wasmMemoryBytes(browser, worker) {
  const prototype = await browser.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' }, worker);
  const { objects } = await browser.send('Runtime.queryObjects', { prototypeObjectId: prototype.result.objectId }, worker);
  const sum = 'function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0); }';
  const call = { objectId: objects.objectId, functionDeclaration: sum, returnByValue: true };
  return (await browser.send('Runtime.callFunctionOn', call, worker)).result.value;
}

async function evaluate(browser, page, expression) {
  const request = { expression, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = await browser.send('Runtime.evaluate', request, page);
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

/** By how much the private memory of that page's process has grown since; memory shared with the browser process is not counted twice. */
async function watchProcesses(browser) {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const before = new Map(renderers.map((id) => [id, privateBytes(id)]));
  return () => Math.max(...renderers.map((id) => privateBytes(id) - before.get(id)));
}

function privateBytes(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
