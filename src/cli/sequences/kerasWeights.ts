import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import type { KerasLayer } from './kerasLayer.js';
import { snakeCase } from './kerasLayer.js';

export type WeightRole = 'embeddings' | 'kernel' | 'recurrent_kernel' | 'bias';

/** Where a layer's weights are found in a file. */
export interface KerasWeights {
  /** Throws `cli/bad-input` naming the layer, the weight and what there is. */
  take(layer: KerasLayer, role: WeightRole): FloatTensor;
}

/** A file's tensors by full path; decoded when asked for. */
export interface TensorPaths {
  readonly origin: string;
  readonly paths: readonly string[];
  read(path: string): FloatTensor;
}

/** Order of a layer's variables where they are numbered. */
const NUMBERED: Readonly<Record<WeightRole, number>> = { embeddings: 0, kernel: 0, recurrent_kernel: 1, bias: 2 };

/**
 * Weights that are named by layer and role, as in Keras 2 files and tfjs manifests: some part of the path is the layer's name, the
 * last is the role: "gru_1/gru_1/gru_cell/kernel:0", "gru_GRU1/recurrent_kernel".
 */
export function weightsByName(tensors: TensorPaths): KerasWeights {
  return {
    take: (layer, role) => {
      const found = tensors.paths.filter((path) => {
        const parts = path.replace(/:\d+$/, '').split('/');
        return parts.at(-1) === role && parts.slice(0, -1).includes(layer.name);
      });
      if (found.length === 1) return tensors.read(found[0]!);
      throw missing(tensors, layer, role, found);
    },
  };
}

/**
 * Weights as Keras 3 numbers them: `layers/<class in snake case>[_n]/[cell/|layer/]vars/<n>`, where n counts the layers of a class in
 * the order of the config, whatever they are called. Keras 2.13 calls the first part `_layer_checkpoint_dependencies`.
 */
export function weightsByNumber(tensors: TensorPaths, all: readonly KerasLayer[]): KerasWeights {
  const root = tensors.paths.some((path) => path.startsWith('layers/')) ? 'layers' : '_layer_checkpoint_dependencies';
  const counts = new Map<string, number>();
  const folders = new Map<KerasLayer, string>();
  for (const layer of all) {
    const stem = snakeCase(layer.className);
    const count = counts.get(stem) ?? 0;
    counts.set(stem, count + 1);
    folders.set(layer, count === 0 ? stem : `${stem}_${count}`);
  }
  return {
    take: (layer, role) => {
      // A Dense layer has no recurrent kernel before its bias.
      const isCell = tensors.paths.some((path) => path.startsWith(`${root}/${folders.get(layer)}/cell/`));
      const number = role === 'bias' && !isCell ? 1 : NUMBERED[role];
      for (const folder of new Set([folders.get(layer)!, layer.name])) {
        for (const inner of ['', 'cell/', 'layer/']) {
          const path = `${root}/${folder}/${inner}vars/${number}`;
          if (tensors.paths.includes(path)) return tensors.read(path);
        }
      }
      throw missing(tensors, layer, role, []);
    },
  };
}

/** Whether a file numbers its weights, as Keras 3 does. */
export function isNumbered(paths: readonly string[]): boolean {
  return paths.some((path) => /(^|\/)vars\/\d+$/.test(path));
}

function missing({ origin, paths }: TensorPaths, layer: KerasLayer, role: string, found: readonly string[]): Error {
  const problem = found.length === 0 ? `has no ${role}` : `has ${found.length} tensors that could be its ${role} (${found.join(', ')})`;
  const shown = paths.length > 40 ? [...paths.slice(0, 40), '...'] : paths;
  return badInput(
    `${origin}: ${layer.className} ${JSON.stringify(layer.name)} ${problem}. The file holds: ${shown.join(', ') || 'no weights'}.`,
    {
      origin,
      layer: layer.name,
      role,
    },
  );
}
