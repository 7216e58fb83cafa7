const WRITE_IDS = `open('items.txt', 'w').write('\\n'.join(map(str, item_ids)))`;

const IMPLICIT = `# model: AlternatingLeastSquares, BayesianPersonalizedRanking or LogisticMatrixFactorization of implicit,
# or its nearest neighbours (CosineRecommender, TFIDFRecommender, BM25Recommender); item_ids: the id of each column it was fitted to
model.to_cpu().save('implicit.npz') if hasattr(model, 'to_cpu') else model.save('implicit.npz')
${WRITE_IDS}
# shelfmate pack implicit.npz --ids items.txt --out public/model`;

const SPARK = `# events: a DataFrame of user_id, item_id and, where there is one, weight
from pyspark.ml.feature import StringIndexer
from pyspark.ml.recommendation import ALS
from pyspark.sql import functions as F

users = StringIndexer(inputCol='user_id', outputCol='user').fit(events)
items = StringIndexer(inputCol='item_id', outputCol='item').fit(events)
pairs = (items.transform(users.transform(events))
         .groupBy(F.col('user').cast('int').alias('user'), F.col('item').cast('int').alias('item'))
         .agg(F.sum('weight' if 'weight' in events.columns else F.lit(1.0)).cast('float').alias('rating')))
als = ALS(rank=64, maxIter=15, regParam=0.05, alpha=10.0, implicitPrefs=True, userCol='user', itemCol='item', ratingCol='rating')
als.fit(pairs).write().overwrite().save('spark-als')
als.write().overwrite().save('spark-als/estimator')    # alpha and regParam: how a page folds in
items.write().overwrite().save('spark-als/items')      # which number is which item
(events.groupBy('item_id').count().coalesce(1)
 .write.mode('overwrite').option('header', True).csv('popularity'))
# hdfs dfs -get spark-als popularity .
# shelfmate pack spark-als --popularity popularity/part-*.csv --out public/model`;

const SURPRISE = `# algo: a fitted SVD, SVDpp or NMF of Surprise
import numpy

trainset = algo.trainset
users = algo.pu
if hasattr(algo, 'yj'):  # SVD++: the user's vector is p plus the mean of what was rated
    users = numpy.array([p + sum(algo.yj[j] for j, _ in trainset.ur[u]) / len(trainset.ur[u]) ** .5 for u, p in enumerate(algo.pu)])
biased = getattr(algo, 'biased', True)
numpy.savez('surprise.npz', pu=users, qi=algo.qi, bi=algo.bi if biased else numpy.zeros(len(algo.qi)),
            global_mean=trainset.global_mean if biased else 0, rating_max=trainset.rating_scale[1], reg=algo.reg_pu,
            plus_plus=hasattr(algo, 'yj'), non_negative=type(algo).__name__ == 'NMF')
item_ids = [trainset.to_raw_iid(i) for i in range(trainset.n_items)]
${WRITE_IDS}
# shelfmate pack surprise.npz --ids items.txt --out public/model`;

const LIGHTFM = `# model: a fitted LightFM; dataset: its Dataset; item_features, user_features: what it was fitted with, or None
import numpy

item_biases, item_embeddings = model.get_item_representations(item_features)
user_biases, user_embeddings = model.get_user_representations(user_features)
numpy.savez('lightfm.npz', item_embeddings=item_embeddings, item_biases=item_biases, user_embeddings=user_embeddings)
rows = dataset.mapping()[2]
item_ids = sorted(rows, key=rows.get)
${WRITE_IDS}
# shelfmate pack lightfm.npz --ids items.txt --out public/model`;

const SCIKIT_LEARN = `# model: a fitted TruncatedSVD or NMF; X: what it was fitted to, one column an item; item_ids: the id of each column
import numpy

arrays = {'components_': model.components_, 'transformed': model.transform(X[:1000])}
if hasattr(model, 'alpha_W'):  # NMF
    arrays |= {'non_negative': True, 'regularization': model.alpha_W * (1 - model.l1_ratio) * X.shape[1], 'l1': model.alpha_W * model.l1_ratio}
numpy.savez('sklearn.npz', **arrays)
${WRITE_IDS}
# shelfmate pack sklearn.npz --ids items.txt --out public/model`;

const LENSKIT = `# scorer: a trained ImplicitMFScorer of LensKit 2025: pipeline.component('scorer')
import numpy

numpy.savez('lenskit.npz', item_embeddings=scorer.item_embeddings, weight=scorer.config.weight, user_reg=scorer.config.user_reg,
            **({} if scorer.user_embeddings is None else {'user_embeddings': scorer.user_embeddings}))
item_ids = scorer.items.ids()
${WRITE_IDS}
# shelfmate pack lenskit.npz --ids items.txt --out public/model`;

const CORNAC = `# model: a fitted MF, WMF or BPR of Cornac; train_set: what it was fitted to
import numpy

kind = type(model).__name__
arrays = {'u_factors': model.U, 'i_factors': model.V} if kind == 'WMF' else {'u_factors': model.u_factors, 'i_factors': model.i_factors}
if kind == 'WMF':
    arrays |= {'wmf_a': model.a, 'wmf_b': model.b, 'lambda_u': model.lambda_u}
else:
    arrays['i_biases'] = model.i_biases
if kind == 'MF':
    arrays |= {'global_mean': model.global_mean, 'rating_max': train_set.max_rating, 'lambda_reg': model.lambda_reg}
numpy.savez('cornac.npz', **arrays)
item_ids = list(train_set.item_ids)
${WRITE_IDS}
# shelfmate pack cornac.npz --ids items.txt --out public/model`;

const RECBOLE = `# model, dataset: a trained BPR, LightGCN, NGCF, ... of RecBole (one that scores by a dot product) and its dataset
import torch
from safetensors.torch import save_file

model.eval()
with torch.no_grad():
    is_graph = hasattr(model, 'norm_adj_matrix')
    users, items = model.forward()[:2] if is_graph else (model.user_embedding.weight, model.item_embedding.weight)
    rows = {'user_embedding.weight': users[1:], 'item_embedding.weight': items[1:]}  # row 0 is padding
    save_file({name: row.float().cpu().clone().contiguous() for name, row in rows.items()}, 'recbole.safetensors')
item_ids = dataset.id2token(dataset.iid_field, range(1, dataset.item_num))
${WRITE_IDS}
# shelfmate pack recbole.safetensors --ids items.txt --out public/model`;

/** Python to run beside a trained factor model, by library: it writes the factors and the ids as `shelfmate pack` reads them. */
export const FACTOR_SNIPPETS = {
  implicit: IMPLICIT,
  spark: SPARK,
  surprise: SURPRISE,
  lightfm: LIGHTFM,
  'scikit-learn': SCIKIT_LEARN,
  lenskit: LENSKIT,
  cornac: CORNAC,
  recbole: RECBOLE,
} as const;
