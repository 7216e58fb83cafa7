import { badInput } from '../cliIo.js';
import type { FactorSource } from './factorSource.js';
import { classicAlsFoldIn, ratingFoldIn, transpose } from './factorSource.js';
import type { NamedArrays } from './namedArrays.js';

/** Reads a model that a snippet of factorSnippets.ts wrote, told by the names of its arrays; null when it is none of them. */
export function readLibraryFactors(arrays: NamedArrays): FactorSource | null {
  const library = LIBRARIES.find(({ needs }) => arrays.has(...needs));
  return library ? library.read(arrays) : null;
}

interface Library {
  /** Arrays that together tell the library. */
  readonly needs: readonly string[];
  readonly read: (arrays: NamedArrays) => FactorSource;
}

const LIBRARIES: readonly Library[] = [
  { needs: ['pu', 'qi'], read: readSurprise },
  { needs: ['components_'], read: readScikitLearn },
  { needs: ['item_embeddings', 'weight', 'user_reg'], read: readLensKit },
  { needs: ['item_embeddings', 'item_biases'], read: readLightFm },
  { needs: ['i_factors'], read: readCornac },
  { needs: ['item_embedding.weight', 'user_embedding.weight'], read: readRecBole },
];

const RATING_NOTE =
  'A model of ratings was trained to guess stars, not choices: in the page an event counts as the highest rating, and its lists are often worse than those of an implicit model. Compare with shelfmate evaluate.';

/** Surprise's SVD, SVD++ and NMF: mu + b_u + b_i + q_i . p_u; mu and b_u are the same for all items of a shopper, so they are left out. */
function readSurprise(arrays: NamedArrays): FactorSource {
  const items = arrays.matrix('qi');
  const isNonNegative = arrays.scalar('non_negative', 0) !== 0;
  const isPlusPlus = arrays.has('yj') || arrays.scalar('plus_plus', 0) !== 0;
  const rated = arrays.has('rating_max', 'reg');
  return {
    algorithm: `surprise ${isPlusPlus ? 'svd++' : isNonNegative ? 'nmf' : 'svd'}`,
    origin: `${arrays.path}:qi`,
    items,
    biases: arrays.biases('bi', items),
    users: arrays.users('pu', items),
    foldIn: rated
      ? ratingFoldIn(arrays.scalar('rating_max', 5) - arrays.scalar('global_mean', 0), arrays.scalar('reg', 0.02), isNonNegative)
      : null,
    notes: [RATING_NOTE],
  };
}

/** Cornac's MF (as Surprise's SVD), WMF (whose loss halves lambda) and BPR, which knows no fold-in. */
function readCornac(arrays: NamedArrays): FactorSource {
  const items = arrays.matrix('i_factors');
  const base = { origin: `${arrays.path}:i_factors`, items, users: arrays.users('u_factors', items) };
  const biases = arrays.biases('i_biases', items);
  if (arrays.has('wmf_a', 'wmf_b', 'lambda_u')) {
    const [a, b] = [arrays.scalar('wmf_a', 1), arrays.scalar('wmf_b', 0.01)];
    return {
      ...base,
      algorithm: 'cornac wmf',
      biases,
      foldIn: {
        kind: 'als',
        gramScale: b,
        matrixOffset: a - b,
        matrixSlope: 0,
        targetOffset: 0,
        targetSlope: a,
        regularization: arrays.scalar('lambda_u', 0.01) / 2,
        regularizationExponent: 0,
        regularizationOffset: 0,
      },
    };
  }
  if (arrays.has('rating_max', 'lambda_reg'))
    return {
      ...base,
      algorithm: 'cornac mf',
      biases,
      foldIn: ratingFoldIn(arrays.scalar('rating_max', 5) - arrays.scalar('global_mean', 0), arrays.scalar('lambda_reg', 0.02), false),
      notes: [RATING_NOTE],
    };
  return { ...base, algorithm: 'cornac bpr', biases, foldIn: { kind: 'mean' } };
}

/** LightFM: u . i + b_u + b_i, whatever the loss; a shopper without features has no vector of LightFM's own. */
function readLightFm(arrays: NamedArrays): FactorSource {
  const items = arrays.matrix('item_embeddings');
  return {
    algorithm: 'lightfm',
    origin: `${arrays.path}:item_embeddings`,
    items,
    biases: arrays.biases('item_biases', items),
    users: arrays.users('user_embeddings', items),
    foldIn: { kind: 'mean' },
  };
}

/** LensKit's ImplicitMF: c = 1 + weight r, plain regularization. */
function readLensKit(arrays: NamedArrays): FactorSource {
  const items = arrays.matrix('item_embeddings');
  return {
    algorithm: 'lenskit implicit mf',
    origin: `${arrays.path}:item_embeddings`,
    items,
    biases: null,
    users: arrays.users('user_embeddings', items),
    foldIn: classicAlsFoldIn(arrays.scalar('weight', 40), arrays.scalar('user_reg', 0.1)),
  };
}

/** scikit-learn's TruncatedSVD (transform: X V) and NMF (transform: non-negative least squares); components_ has one column an item. */
function readScikitLearn(arrays: NamedArrays): FactorSource {
  const items = transpose(arrays.matrix('components_'));
  const isNonNegative = arrays.scalar('non_negative', 0) !== 0;
  if (arrays.scalar('l1', 0) !== 0)
    throw badInput(
      `${arrays.path}: this NMF was trained with l1_ratio above 0, which has no fold-in here. Train with l1_ratio=0, or say --fold-in mean.`,
      { path: arrays.path },
    );
  return {
    algorithm: `scikit-learn ${isNonNegative ? 'nmf' : 'truncated svd'}`,
    origin: `${arrays.path}:components_`,
    items,
    biases: null,
    users: arrays.users('transformed', items),
    foldIn: isNonNegative ? { kind: 'non-negative', regularization: arrays.scalar('regularization', 0) } : { kind: 'project' },
  };
}

/** RecBole's BPR, LightGCN and others that score by a dot product; none folds in. */
function readRecBole(arrays: NamedArrays): FactorSource {
  const items = arrays.matrix('item_embedding.weight');
  return {
    algorithm: 'recbole factors',
    origin: `${arrays.path}:item_embedding.weight`,
    items,
    biases: null,
    users: arrays.users('user_embedding.weight', items),
    foldIn: { kind: 'mean' },
  };
}
