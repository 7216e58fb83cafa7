import { dropRows, splitAttentionProjection, transposeTensor } from '../../core/models/sequence/canonicalize.js';
import type { AttentionConfig } from '../../core/models/sequence/sequenceConfig.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { OUTPUT_ROWS } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import { alignRows } from './alignRows.js';
import { checkSource, describeStripped } from './assembleRecurrent.js';
import type { NamedTensors } from './namedTensors.js';
import type { SequenceReadOptions, SequenceSource } from './sequenceSource.js';

const NORM_EPSILON = 1e-8;

/**
 * Reads the state dict of pmixer's SASRec (Kang & McAuley 2018): `item_emb` [items + 1, d] with padding in row 0, `pos_emb`
 * [maxlen + 1, d] with row 0 for padding, per block `attention_layernorms.<i>`, `attention_layers.<i>`, `forward_layernorms.<i>`,
 * `forward_layers.<i>.conv1|conv2` [d, d, 1], and `last_layernorm`. Only the future is masked, so that the empty places on the
 * left are attended to.
 */
export function readSasRec(named: NamedTensors, options: SequenceReadOptions): SequenceSource {
  const { origin } = named;
  const items = named.take('item_emb.weight');
  const positions = named.take('pos_emb.weight');
  const d = items.shape[1]!;
  const embeddingScale = Math.sqrt(d);
  const tensors = new Map<string, FloatTensor>();
  const addNorm = (from: string, to: string): void => {
    tensors.set(`${to}.gain`, named.take(`${from}.weight`)).set(`${to}.bias`, named.take(`${from}.bias`));
  };
  const addDense = (from: string, to: string): void => {
    tensors.set(`${to}.kernel`, transposeTensor(named.take(`${from}.weight`), from)).set(`${to}.bias`, named.take(`${from}.bias`));
  };
  let blockCount = 0;
  for (; named.has(`attention_layers.${blockCount}.in_proj_weight`); blockCount++) {
    const i = blockCount;
    addNorm(`attention_layernorms.${i}`, `blocks.${i}.attentionNorm`);
    const parts = splitAttentionProjection(
      named.take(`attention_layers.${i}.in_proj_weight`),
      named.take(`attention_layers.${i}.in_proj_bias`),
    );
    for (const [name, { kernel, bias }] of Object.entries(parts)) {
      tensors.set(`blocks.${i}.${name}.kernel`, kernel).set(`blocks.${i}.${name}.bias`, bias);
    }
    addDense(`attention_layers.${i}.out_proj`, `blocks.${i}.out`);
    addNorm(`forward_layernorms.${i}`, `blocks.${i}.feedNorm`);
    addDense(`forward_layers.${i}.conv1`, `blocks.${i}.feed1`);
    addDense(`forward_layers.${i}.conv2`, `blocks.${i}.feed2`);
  }
  // Says which tensor is missing.
  if (blockCount === 0) named.take('attention_layers.0.in_proj_weight');
  addNorm('last_layernorm', 'lastNorm');
  named.refuseRest('SASRec');
  if (positions.shape[1] !== d)
    throw badInput(`${origin}: pos_emb.weight has shape (${positions.shape.join(', ')}); expected ${d} columns, as item_emb.weight has.`);

  const aligned = alignRows(origin, [{ label: 'item_emb.weight', tensor: items }], true, options);
  if (aligned.strippedRows !== 1)
    throw badInput(
      `${origin}: SASRec keeps exactly row 0 for padding, but item_emb.weight has ${aligned.strippedRows} rows more than ids.`,
    );
  tensors.set(OUTPUT_ROWS, aligned.tensors[0]!).set('positions', dropRows(positions, 1));
  tensors.set('padding', {
    shape: [d],
    values: Float32Array.from({ length: d }, (_, j) => items.values[j]! * embeddingScale + positions.values[j]!),
  });
  const config: AttentionConfig = {
    kind: 'attention',
    itemCount: aligned.itemCount,
    dimensions: d,
    maxLength: positions.shape[0]! - 1,
    blockCount,
    headCount: options.heads ?? 1,
    embeddingScale,
    normEpsilon: NORM_EPSILON,
    alignment: 'right',
    attendsPadding: true,
    hasOutputBias: false,
  };
  const heads = config.headCount === 1 ? '1 head' : `${config.headCount} heads`;
  const note = `embedding ${items.shape.join(' x ')} (tied) -> ${blockCount} attention blocks, ${heads}, the last ${config.maxLength} events${describeStripped(1)}`;
  checkSource(origin, config, tensors, note);
  return { config, tensors, algorithm: 'sasrec', strippedRows: aligned.strippedRows, scoreKind: 'score', note };
}
