import { RecommenderError, show } from '../../errors.js';
import { dropRows, splitAttentionProjection, transposeTensor } from './canonicalize.js';
import type { AttentionConfig } from './sequenceConfig.js';
import type { SequenceTensors, FloatTensor } from './sequenceTensors.js';
import { checkTensors, OUTPUT_ROWS } from './sequenceTensors.js';

/**
 * Turns a SASRec state dict in pmixer's names (`item_emb.weight`, `pos_emb.weight`, `attention_layers.0.in_proj_weight` ...) into an
 * attention model: row 0 of both embeddings, the padding, is stripped from them and becomes the empty place, linear layers are
 * transposed, positions are right-aligned, and the empty places are attended to, since the original masks causally only. The number of
 * heads is in no tensor. Throws `artifact/bad-tensor` on what is missing or does not chain.
 */
export function canonicalizeSasRec(
  source: SequenceTensors,
  headCount: number,
): { readonly config: AttentionConfig; readonly tensors: Map<string, FloatTensor> } {
  const take = (name: string, rank: number): FloatTensor => {
    const tensor = source.get(name);
    if (tensor && tensor.shape.length === rank) return tensor;
    throw new RecommenderError(
      'artifact/bad-tensor',
      tensor
        ? `The tensor ${name} has shape ${show(tensor.shape)}; expected ${rank} axes.`
        : `The tensor ${name} is missing. There are: ${show([...source.keys()], 400)}.`,
      { name, seen: tensor?.shape ?? null },
    );
  };
  const items = take('item_emb.weight', 2);
  const positions = take('pos_emb.weight', 2);
  const d = items.shape[1]!;
  let blockCount = 0;
  while (source.has(`attention_layers.${blockCount}.in_proj_weight`)) blockCount++;
  const config: AttentionConfig = {
    kind: 'attention',
    itemCount: items.shape[0]! - 1,
    dimensions: d,
    maxLength: positions.shape[0]! - 1,
    blockCount,
    headCount,
    embeddingScale: Math.sqrt(d),
    normEpsilon: 1e-8,
    alignment: 'right',
    attendsPadding: true,
    hasOutputBias: false,
  };
  const padding = Float32Array.from({ length: d }, (_, j) => items.values[j]! * Math.sqrt(d) + (positions.values[j] ?? 0));
  const tensors = new Map<string, FloatTensor>([
    [OUTPUT_ROWS, dropRows(items, 1)],
    ['positions', dropRows(positions, 1)],
    ['padding', { shape: [d], values: padding }],
  ]);
  const addNorm = (to: string, from: string) =>
    tensors.set(`${to}.gain`, take(`${from}.weight`, 1)).set(`${to}.bias`, take(`${from}.bias`, 1));
  const addLinear = (to: string, from: string, rank: number) =>
    tensors.set(`${to}.kernel`, transposeTensor(take(`${from}.weight`, rank), `${from}.weight`)).set(`${to}.bias`, take(`${from}.bias`, 1));
  for (let i = 0; i < blockCount; i++) {
    const attention = `attention_layers.${i}`;
    addNorm(`blocks.${i}.attentionNorm`, `attention_layernorms.${i}`);
    const parts = splitAttentionProjection(take(`${attention}.in_proj_weight`, 2), take(`${attention}.in_proj_bias`, 1));
    for (const [part, { kernel, bias }] of Object.entries(parts)) {
      tensors.set(`blocks.${i}.${part}.kernel`, kernel).set(`blocks.${i}.${part}.bias`, bias);
    }
    addLinear(`blocks.${i}.out`, `${attention}.out_proj`, 2);
    addNorm(`blocks.${i}.feedNorm`, `forward_layernorms.${i}`);
    addLinear(`blocks.${i}.feed1`, `forward_layers.${i}.conv1`, 3);
    addLinear(`blocks.${i}.feed2`, `forward_layers.${i}.conv2`, 3);
  }
  addNorm('lastNorm', 'last_layernorm');
  checkTensors(config, tensors);
  return { config, tensors };
}
