/** Made-up groups of like-minded shoppers over a made-up shop: popular items stand in many of them, others in the groups of one taste. */

/** `size` items in each of `count` groups, as writeModelFolder takes a table of them. */
export function makeGroups({ itemCount, count, size, random }) {
  const offsets = Uint32Array.from({ length: count + 1 }, (_, group) => group * size);
  const columns = new Uint32Array(count * size);
  for (let group = 0; group < count; group++) {
    const own = new Set();
    const taste = Math.floor((group / count) * itemCount);
    while (own.size < size) {
      // Every other item from the whole shop, the popular ones more often; the rest from around the group's taste.
      const near = Math.floor(taste + (random() + random() - 1) * 4 * size + itemCount) % itemCount;
      own.add(own.size % 2 ? near : Math.floor(random() ** 3 * itemCount));
    }
    columns.set([...own], group * size);
  }
  return {
    primary: null,
    neighbors: [],
    trends: null,
    content: null,
    prototypes: {
      entry: { algorithm: 'bench', maxUserItems: 50 },
      table: {
        rowCount: count,
        columnCount: itemCount,
        offsets,
        columns,
        values: Float32Array.from(columns, () => 0.05 + 0.5 * random()),
        counts: new Uint32Array(columns.length).fill(5),
      },
      userCounts: new Uint32Array(count).fill(50),
    },
  };
}
