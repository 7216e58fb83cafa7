/**
 * The file `tfjs.js`: TensorFlow.js whole (layers, graph models, every operation of its cpu backend), for folders with a network of
 * their own. Loaded only for those. Runs on the cpu backend: the wasm one multiplies fused biases wrongly beyond 48 inputs, and a
 * readback from a GPU costs more than a small network.
 */
import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { dispose, ready, setBackend, tensor, tidy } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { OpenNetwork } from '../../src/core/models/sequence/network.js';
import type { TfjsApi } from '../../src/core/models/sequence/tfjsNetwork.js';
import { createOpenNetwork } from '../../src/core/models/sequence/tfjsNetwork.js';

// The structure that is used; tfjs' own types are wider and know it under other names.
const open = createOpenNetwork({ tensor, tidy, dispose, loadLayersModel, loadGraphModel } as unknown as TfjsApi);

export const openNetwork: OpenNetwork = async (files, config) => {
  await setBackend('cpu');
  await ready();
  return open(files, config);
};

export { openNetwork as room };
