/** Made-up model folders for the rows that start a whole page, written with the project's own packer. */
import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModelFolder } from '../../../build/src/core/artifact/writeModelFolder.js';
import { makeGroups } from './groupTable.mjs';

const CATEGORIES = ['Cameras', 'Phones', 'Audio', 'Computers', 'Games', 'Wearables', 'Kitchen', 'Garden'];

/** Writes the folder into a temporary directory. Returns its path and the bytes of its files. `isBare`: ids and no other fields. `groups`: {count, size}. */
export async function makeModelFolder({ itemCount, dimensions, isBare = false, groups = null }) {
  const random = createRandom(itemCount);
  const factors = new Float32Array(itemCount * dimensions);
  for (let at = 0; at < factors.length; at++) factors[at] = ((random() + random() + random() - 1.5) * ((at % dimensions) + 1) ** -0.4) / 4;
  const item = (i) => ({
    itemId: `p${i}`,
    title: `Product number ${i}`,
    category: CATEGORIES[i % CATEGORIES.length],
    brand: `Brand ${i % 97}`,
    price: 5 + (i % 500),
    inStock: i % 10 !== 9,
  });
  const sha256 = async (bytes) => createHash('sha256').update(bytes).digest('hex');
  const { files } = await writeModelFolder(
    {
      name: 'bench',
      producer: 'bench',
      createdAtMs: Date.UTC(2026, 0, 1),
      items: Array.from({ length: itemCount }, (_, i) => (isBare ? { itemId: `p${i}` } : item(i))),
      popularity: Float32Array.from({ length: itemCount }, (_, i) => itemCount - i),
      ...(groups && { tables: makeGroups({ ...groups, itemCount, random }) }),
      models: [
        {
          name: 'als',
          algorithm: 'als',
          dimensions,
          dtype: 'int8',
          factors,
          biases: null,
          userRule: 'dot',
          itemRule: 'cosine',
          foldIn: {
            kind: 'als',
            gramScale: 1,
            matrixOffset: -1,
            matrixSlope: 40,
            targetOffset: 0,
            targetSlope: 40,
            regularization: 0.1,
            regularizationExponent: 0,
            regularizationOffset: 0,
          },
          eventWeights: { view_item: 1, add_to_cart: 3, purchase: 5 },
          users: null,
        },
      ],
    },
    sha256,
  );
  const path = await mkdtemp(join(tmpdir(), 'shelfmate-bench-'));
  for (const file of files) await writeFile(join(path, file.path), file.bytes);
  return { path, bytes: files.reduce((sum, file) => sum + file.bytes.length, 0) };
}

function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
