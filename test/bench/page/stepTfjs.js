/* Stock TensorFlow.js: an Embedding, a GRU and a dense head, run again over all steps for each event, then topk. A classic worker. */
/* global tf, importScripts */
/* oxlint-disable unicorn/require-post-message-target-origin */
importScripts('/peers/@tensorflow/tfjs/dist/tf.min.js');

let model = null;

const methods = {
  async prepare({ kind, itemCount, units, steps }) {
    if (kind === 'wasm') {
      importScripts('/peers/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js');
      // One thread, as everybody here.
      tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      tf.wasm.setWasmPaths('/peers/@tensorflow/tfjs-backend-wasm/dist/');
    }
    if (!(await tf.setBackend(kind))) throw new Error(`tfjs has no ${kind} backend here`);
    await tf.ready();
    model = tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: itemCount, outputDim: units, inputLength: steps }),
        // tfjs-layers knows no other reset gate.
        tf.layers.gru({ units, resetAfter: false, recurrentInitializer: 'glorotUniform' }),
        tf.layers.dense({ units: itemCount }),
      ],
    });
  },
  async run({ count, steps, itemCount, repeats }) {
    const startMs = performance.now();
    for (let n = 0; n < repeats; n++) {
      const { values, indices } = tf.tidy(() => {
        const history = tf.tensor2d([Array.from({ length: steps }, (_, at) => ((n + at) * 7919) % itemCount)]);
        return tf.topk(model.predict(history), count);
      });
      await Promise.all([indices.data(), values.data()]);
      tf.dispose([values, indices]);
    }
    return { ms: (performance.now() - startMs) / repeats };
  },
};

self.addEventListener('message', async ({ data: { id, method, argument } }) => {
  try {
    self.postMessage({ id, result: await methods[method](argument) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
});
self.postMessage({ id: 0 });
