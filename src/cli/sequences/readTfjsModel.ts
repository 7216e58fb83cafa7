import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { float16ToNumber } from '../../core/artifact/safetensors.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import { fromKerasLayers } from './fromKerasLayers.js';
import { readKerasModel } from './kerasModel.js';
import type { TensorPaths } from './kerasWeights.js';
import { weightsByName } from './kerasWeights.js';
import type { SequenceReadOptions, SequenceSource } from './sequenceSource.js';

interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

interface PlacedWeight {
  readonly entry: WeightEntry;
  readonly bytes: Uint8Array;
}

const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 };

/** Whether a parsed `model.json` is a tfjs model at all. */
export function isTfjsModel(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'modelTopology' in value && 'weightsManifest' in value;
}

/**
 * Reads a tfjs layers-model: `model.json` and the shards it names, beside it. A group of the weights manifest is one run of bytes, cut
 * into shards anywhere. Quantised weights (uint8, uint16, float16) are decoded. Throws `cli/bad-input`.
 */
export async function readTfjsModel(path: string, value: object, options: SequenceReadOptions): Promise<SequenceSource> {
  const { modelTopology, weightsManifest, format, generatedBy } = value as Record<string, unknown>;
  if (format === 'graph-model')
    throw badInput(
      `${path} is a tfjs graph-model: its layers are no longer to be told. Save the layers-model (or the .keras file) and pack that, or let it run as it is: --network FILE declares its input and output.`,
      { path },
    );
  const topology = modelTopology as { model_config?: unknown; modelConfig?: unknown; keras_version?: unknown } | null;
  const config = topology?.model_config ?? topology?.modelConfig ?? topology;
  const model = readKerasModel(path, 'tfjs', config, topology?.keras_version ?? generatedBy ?? 'tfjs');
  return fromKerasLayers(model, weightsByName(await placeWeights(path, weightsManifest)), options);
}

/** Finds the weights of a weights manifest in the shards beside `path`. Throws `cli/bad-input`. */
export async function placeWeights(path: string, manifest: unknown): Promise<TensorPaths> {
  const placed = new Map<string, PlacedWeight>();
  if (!Array.isArray(manifest)) throw badInput(`${path}: weightsManifest is no list of groups.`, { path });
  for (const group of manifest as { paths?: unknown; weights?: unknown }[]) {
    if (!Array.isArray(group?.paths) || !Array.isArray(group.weights))
      throw badInput(`${path}: a group of weightsManifest has no paths or no weights.`, { path });
    const bytes = await readShards(path, group.paths as string[]);
    let at = 0;
    for (const entry of group.weights as WeightEntry[]) {
      const size = entry.shape.reduce((product, axis) => product * axis, 1);
      const stored = entry.quantization?.dtype ?? entry.dtype;
      if (!Object.hasOwn(BYTES, stored)) {
        throw badInput(`${path}: weight ${entry.name} is of type ${stored}; expected ${Object.keys(BYTES).join(', ')}.`, {
          path,
          name: entry.name,
        });
      }
      const length = size * BYTES[stored]!;
      if (at + length > bytes.length)
        throw badInput(
          `${path}: ${(group.paths as string[]).join(', ')} hold ${bytes.length} bytes, weight ${entry.name} ends at byte ${at + length}. A shard is cut or missing.`,
          { path },
        );
      placed.set(entry.name, { entry, bytes: bytes.subarray(at, at + length) });
      at += length;
    }
    if (at !== bytes.length)
      throw badInput(
        `${path}: ${(group.paths as string[]).join(', ')} hold ${bytes.length} bytes, the weights of the group ${at}. Files of two models are mixed.`,
        { path },
      );
  }
  return { origin: path, paths: [...placed.keys()], read: (name) => decode(path, placed.get(name)!) };
}

/** Reads the shards of a group as one run of bytes. */
export async function readShards(path: string, names: readonly string[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const name of names) {
    // A shard stands beside its model: a path that leads elsewhere is no shard.
    if (/(^|[\\/])\.\.([\\/]|$)|^[\\/]|:/.test(name))
      throw badInput(`${path} names the shard ${JSON.stringify(name)}, which is outside its folder.`, { path, name });
    try {
      parts.push(await readFile(join(dirname(path), name)));
    } catch (cause) {
      throw badInput(
        `${path} names the shard ${JSON.stringify(name)}, which cannot be read. Put all shards beside model.json.`,
        { path, name },
        cause,
      );
    }
  }
  return Buffer.concat(parts);
}

function decode(path: string, { entry: { name, shape, dtype, quantization }, bytes }: PlacedWeight): FloatTensor {
  if (dtype !== 'float32') throw badInput(`${path}: weight ${name} is of type ${dtype}; float32 is needed.`, { path, name });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = quantization?.dtype ?? dtype;
  const { scale = 1, min = 0 } = quantization ?? {};
  const read: Readonly<Record<string, (at: number) => number>> = {
    float32: (at) => view.getFloat32(4 * at, true),
    float16: (at) => float16ToNumber(view.getUint16(2 * at, true)),
    uint8: (at) => view.getUint8(at) * scale + min,
    uint16: (at) => view.getUint16(2 * at, true) * scale + min,
  };
  const at = read[stored];
  if (!at) throw badInput(`${path}: weight ${name} is quantised to ${stored}; expected uint8, uint16 or float16.`, { path, name });
  const values = Float32Array.from({ length: bytes.length / BYTES[stored]! }, (_, i) => at(i));
  const bad = values.findIndex((number) => !Number.isFinite(number));
  if (bad >= 0)
    throw badInput(`${path}: weight ${name} holds ${values[bad]} at position ${bad}; all must be finite numbers.`, { path, name });
  return { shape, values };
}
