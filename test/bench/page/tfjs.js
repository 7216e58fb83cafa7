/* Stock TensorFlow.js: matMul, then topk. A classic worker, since its standalone builds are scripts. */
/* global tf, importScripts */
/* oxlint-disable unicorn/require-post-message-target-origin */
importScripts('/peers/@tensorflow/tfjs-core/dist/tf-core.min.js');

let factors = null;
let biases = null;
let k = 0;

const methods = {
  async prepare({ kind, buffer, itemCount, dimensions, count, biasValues = null }) {
    importScripts(`/peers/@tensorflow/tfjs-backend-${kind}/dist/tf-backend-${kind}.min.js`);
    if (kind === 'wasm') {
      // One thread, as everybody here.
      tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      tf.wasm.setWasmPaths('/peers/@tensorflow/tfjs-backend-wasm/dist/');
    }
    if (!(await tf.setBackend(kind))) throw new Error(`tfjs has no ${kind} backend here`);
    await tf.ready();
    k = count;
    factors = tf.tensor2d(Float32Array.from(new Float32Array(buffer)), [itemCount, dimensions]);
    if (biasValues) biases = tf.tensor1d(biasValues);
    return { adapter: describe(kind) };
  },
  async run({ queries, repeats }) {
    let lists;
    const startMs = performance.now();
    for (let n = 0; n < repeats; n++) lists = await topK(queries);
    return { ms: (performance.now() - startMs) / repeats, lists };
  },
};

async function topK(queries) {
  const dimensions = queries[0].length;
  const flat = new Float32Array(queries.length * dimensions);
  queries.forEach((query, q) => flat.set(query, q * dimensions));
  const { values, indices } = tf.tidy(() => {
    const dots = tf.matMul(tf.tensor2d(flat, [queries.length, dimensions]), factors, false, true);
    return tf.topk(biases ? tf.add(dots, biases) : dots, k);
  });
  const [rows] = await Promise.all([indices.data(), values.data()]);
  values.dispose();
  indices.dispose();
  return queries.map((_, q) => Uint32Array.from(rows.subarray(q * k, (q + 1) * k)));
}

function describe(kind) {
  if (kind === 'webgl') {
    const { gl } = tf.backend().gpgpu;
    const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
    return String(gl.getParameter(unmasked ? unmasked.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  }
  if (kind === 'webgpu') {
    const { vendor, architecture, description } = tf.backend().adapterInfo?.adapterInfo ?? tf.backend().adapterInfo ?? {};
    return [vendor, architecture, description].filter(Boolean).join(' ');
  }
  return '';
}

self.addEventListener('message', async ({ data: { id, method, argument } }) => {
  try {
    self.postMessage({ id, result: await methods[method](argument) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
});
self.postMessage({ id: 0 });
