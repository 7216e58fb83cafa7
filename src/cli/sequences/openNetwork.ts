import type { OpenNetwork } from '../../core/models/sequence/network.js';
import type { TfjsApi } from '../../core/models/sequence/tfjsNetwork.js';
import { createOpenNetwork } from '../../core/models/sequence/tfjsNetwork.js';

/** Runs a network by the same tfjs as the page does, which is loaded when the first one is met. */
export const openNetwork: OpenNetwork = async (files, config) => {
  const core = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  await import('@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js');
  const { loadLayersModel } = await import('@tensorflow/tfjs-layers');
  const { loadGraphModel } = await import('@tensorflow/tfjs-converter');
  // Without its advice to install the native one.
  core.enableProdMode();
  await core.setBackend('cpu');
  const { tensor, tidy, dispose } = core;
  return createOpenNetwork({ tensor, tidy, dispose, loadLayersModel, loadGraphModel } as unknown as TfjsApi)(files, config);
};
