import { badInput } from '../cliIo.js';
import { fromKerasLayers } from './fromKerasLayers.js';
import { readKerasModel } from './kerasModel.js';
import { isNumbered, weightsByName, weightsByNumber } from './kerasWeights.js';
import type { Hdf5File } from './readHdf5.js';
import { readHdf5 } from './readHdf5.js';
import type { SequenceReadOptions, SequenceSource } from './sequenceSource.js';

/** Reads a `.keras` file: a zip of config.json, metadata.json and model.weights.h5 (Keras 3, and 2.12 on). */
export async function readKerasArchive(
  members: Readonly<Record<string, Uint8Array>>,
  path: string,
  options: SequenceReadOptions,
): Promise<SequenceSource> {
  const member = (name: string): Uint8Array => {
    const bytes = members[name];
    if (!bytes)
      throw badInput(
        `${path} has no ${name}; it holds: ${Object.keys(members).join(', ')}. A .keras file has config.json, metadata.json and model.weights.h5.`,
        {
          path,
          name,
        },
      );
    return bytes;
  };
  const config = parse(member('config.json'), `${path}:config.json`);
  const metadata = members['metadata.json']
    ? (parse(members['metadata.json'], `${path}:metadata.json`) as { keras_version?: unknown })
    : {};
  const file = await readHdf5(member('model.weights.h5'), `${path}:model.weights.h5`);
  return readWith(file, path, config, metadata.keras_version, options);
}

/**
 * Reads an `.h5` file: a whole model of Keras 2 or 3 (with the attribute model_config), or weights alone, described by `description`
 * (what `model.to_json()` gives, or {"keras_version", "layers": [{"class_name", ...}]}).
 */
export async function readKerasH5(
  bytes: Uint8Array,
  path: string,
  description: { readonly file: string; readonly value: unknown } | null,
  options: SequenceReadOptions,
): Promise<SequenceSource> {
  const file = await readHdf5(bytes, path);
  const own = file.attribute('model_config');
  if (own === null && !description) {
    throw badInput(
      `${path} holds weights without a model config. Say --describe FILE with what model.to_json() gives, or a short list of layers: {"keras_version": "3", "layers": [{"class_name": "Embedding"}, {"class_name": "GRU"}, {"class_name": "Dense", "activation": "softmax"}]}.`,
      { path },
    );
  }
  if (description) {
    const version = file.attribute('keras_version') ?? (description.value as { keras_version?: unknown } | null)?.keras_version;
    return readWith(file, path, toTopology(description.value), version, options);
  }
  return readWith(file, path, parse(new TextEncoder().encode(own!), `${path}:model_config`), file.attribute('keras_version'), options);
}

function readWith(file: Hdf5File, origin: string, topology: unknown, version: unknown, options: SequenceReadOptions): SequenceSource {
  const model = readKerasModel(origin, 'keras', topology, version);
  return fromKerasLayers(model, isNumbered(file.paths) ? weightsByNumber(file, model.all) : weightsByName(file), options);
}

/** A short list of layers becomes the config of a Sequential model; all else is taken for one already. */
function toTopology(value: unknown): unknown {
  const { layers, class_name: className } = (value ?? {}) as { layers?: unknown; class_name?: unknown };
  if (className !== undefined || !Array.isArray(layers)) return value;
  const toLayer = (layer: unknown): unknown => {
    if (typeof layer === 'string') return { class_name: layer, config: {} };
    const { class_name: name, config, ...own } = (layer ?? {}) as Record<string, unknown>;
    return { class_name: name, config: config ?? own };
  };
  return { class_name: 'Sequential', config: { layers: layers.map(toLayer) } };
}

function parse(bytes: Uint8Array, origin: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badInput(`${origin} is not valid JSON (${(cause as Error).message}). Save the model again.`, { origin }, cause);
  }
}
