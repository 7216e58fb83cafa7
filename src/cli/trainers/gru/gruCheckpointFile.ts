import type { Tensor } from '../../../core/artifact/safetensors.js';
import { f32Tensor, readSafetensors, toFloat32, writeSafetensors } from '../../../core/artifact/safetensors.js';
import { RecommenderError } from '../../../core/errors.js';
import type { GruWeights } from './gruWeights.js';
import type { GruCheckpoint } from './trainGru.js';

/** Everything of a checkpoint but its arrays, as JSON. */
const HEADER = 'checkpoint.json';
const SLOTS = ['weights', 'squares', 'velocities', 'bestWeights'] as const;

function shapesOf({ itemCount, units }: Pick<GruWeights, 'itemCount' | 'units'>) {
  return {
    embedding: [itemCount, units],
    biases: [itemCount],
    kernel: [units, 3 * units],
    recurrent: [units, 3 * units],
    bias: [2, 3 * units],
  } as const;
}
type Part = keyof ReturnType<typeof shapesOf>;

/** Writes a checkpoint as one safetensors file. */
export function encodeCheckpoint(checkpoint: GruCheckpoint): Uint8Array<ArrayBuffer> {
  const { version, facts, options, step, epochs, weights } = checkpoint;
  const header = new TextEncoder().encode(JSON.stringify({ version, facts, options, step, epochs, itemCount: weights.itemCount }));
  const tensors: [string, Tensor][] = [[HEADER, { dtype: 'U8', shape: [header.length], bytes: header }]];
  for (const slot of SLOTS) {
    const values = checkpoint[slot];
    if (!values) continue;
    for (const [part, shape] of Object.entries(shapesOf(values))) tensors.push([`${slot}.${part}`, f32Tensor(values[part as Part], shape)]);
  }
  return writeSafetensors(tensors);
}

/** Reads what {@link encodeCheckpoint} wrote. Throws `artifact/bad-file` or `artifact/bad-tensor`, naming `file` and what is wrong. */
export function decodeCheckpoint(bytes: Uint8Array, file: string): GruCheckpoint {
  const tensors = readSafetensors(bytes, file);
  const fail = (message: string): never => {
    throw new RecommenderError('artifact/bad-file', `${file}: ${message} It is no checkpoint of a GRU training.`, { file });
  };
  const raw = tensors.get(HEADER)?.bytes ?? fail(`there is no ${HEADER}.`);
  let header: Omit<GruCheckpoint, (typeof SLOTS)[number]> & { readonly itemCount: number };
  try {
    // What encodeCheckpoint wrote; the sizes are checked against the tensors below, the options by the training.
    header = JSON.parse(new TextDecoder().decode(raw)) as typeof header;
  } catch {
    return fail(`${HEADER} is not JSON.`);
  }
  const { version, facts = null, options, step, epochs, itemCount } = header;
  if (version !== 1 || !options || !Number.isSafeInteger(step) || !Array.isArray(epochs)) return fail(`${HEADER} is not of version 1.`);
  const read = (slot: (typeof SLOTS)[number]): GruWeights => {
    const shapes = shapesOf({ itemCount, units: options.units });
    const values = (part: Part): Float32Array => {
      const name = `${slot}.${part}`;
      const tensor = tensors.get(name) ?? fail(`the tensor ${name} is missing.`);
      if (tensor.shape.join() === shapes[part].join()) return toFloat32(tensor, name, file);
      return fail(`the tensor ${name} has shape [${tensor.shape.join()}]; expected [${shapes[part].join()}].`);
    };
    const [embedding, biases] = [values('embedding'), values('biases')];
    return {
      itemCount,
      units: options.units,
      embedding,
      biases,
      kernel: values('kernel'),
      recurrent: values('recurrent'),
      bias: values('bias'),
    };
  };
  const hasBest = tensors.has('bestWeights.embedding');
  return {
    version,
    facts,
    options,
    step,
    epochs,
    weights: read('weights'),
    squares: read('squares'),
    velocities: read('velocities'),
    bestWeights: hasBest ? read('bestWeights') : null,
  };
}
