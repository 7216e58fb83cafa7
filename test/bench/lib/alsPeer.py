"""The benchmark's peer in training: the same ALS in numpy and scipy, float32, rows of equal length solved together.

    python3 alsPeer.py FOLDER USERS ITEMS FACTORS LAMBDA ALPHA0 NU THREADS

Reads offsets.u32, columns.u32, values.f32, items.f32 from FOLDER. Answers "epoch" on stdin with the seconds it took, "write" by writing
users.f32 and items.f32. Batches are shared by THREADS threads; numpy gives up its lock in products and solutions.
"""
import sys, time
from concurrent.futures import ThreadPoolExecutor
from os.path import join
import numpy as np
import scipy.sparse as sp

folder = sys.argv[1]
user_count, item_count, d = map(int, sys.argv[2:5])
lam, alpha0, nu = map(float, sys.argv[5:8])
pool = ThreadPoolExecutor(int(sys.argv[8]))
BATCH_NUMBERS = 2 ** 22


def read(name, dtype):
    return np.fromfile(join(folder, name), dtype)


by_user = sp.csr_matrix((read('values.f32', '<f4'), read('columns.u32', '<u4'), read('offsets.u32', '<u4')), shape=(user_count, item_count))
by_item = by_user.T.tocsr()
users = np.zeros((user_count, d), np.float32)
items = read('items.f32', '<f4').reshape(item_count, d).copy()


def batches(matrix):
    """Rows of equal length, so many at a time that their equations stay in a few MiB."""
    lengths = np.diff(matrix.indptr)
    order = np.argsort(lengths, kind='stable')
    ends = np.flatnonzero(np.diff(lengths[order], append=-1)) + 1
    first = 0
    for end in ends:
        n = lengths[order[first]]
        step = max(1, BATCH_NUMBERS // max(d * d, int(n) * d))
        for start in range(first, end, step):
            if n > 0:
                yield n, order[start:min(end, start + step)]
        first = end


def solve(target, source, matrix, plan):
    gram = alpha0 * (source.T @ source)
    eye = np.eye(d, dtype=np.float32)

    def run(batch):
        n, rows = batch
        at = matrix.indptr[rows][:, None] + np.arange(n)
        h = source[matrix.indices[at]]
        rh = h * matrix.data[at][:, :, None]
        a = h.transpose(0, 2, 1) @ rh
        a += gram + np.float32(lam * (n + alpha0 * len(source)) ** nu) * eye
        target[rows] = np.linalg.solve(a, rh.sum(axis=1)[:, :, None])[:, :, 0]

    list(pool.map(run, plan))


user_plan, item_plan = list(batches(by_user)), list(batches(by_item))
print('ready', flush=True)
for line in sys.stdin:
    if line.strip() == 'epoch':
        start = time.perf_counter()
        solve(users, items, by_user, user_plan)
        solve(items, users, by_item, item_plan)
        print(time.perf_counter() - start, flush=True)
    elif line.strip() == 'write':
        users.tofile(join(folder, 'users.f32'))
        items.tofile(join(folder, 'items.f32'))
        print('written', flush=True)
