import type { RowForm } from './webgpuRows.js';

/** Threads of a workgroup, in all three passes. */
export const WORKGROUP_SIZE = 256;
/** Bytes before the entries in the `found` buffer. */
export const FOUND_HEADER_BYTES = 16;

/** Words of 16 bytes behind a query, which itself takes two for each of a row: its step in x. */
export const QUERY_TAIL_VECTORS = 1;

/**
 * The top-k on WebGPU in three passes of one submit, for one query or many, each with its own stretch of every buffer:
 *
 * 1. `score`: every thread scores its rows, writes a sortable key for each and the best key of its own rows. It does so for
 *    `queriesPerThread` queries, which lie along y: a row is read once for all of them.
 * 2. `cut`: one workgroup finds the `count`-th highest of those bests by radix selection. At least `count` rows reach it,
 *    so no row of the top `count` lies below it; and few others do, for each thread has few rows.
 * 3. `collect`: the rows that reach the cut are appended to `found`, in no order. Its size may exceed the capacity
 *    (thousands of equal scores); the caller then reads all keys of that query instead.
 *
 * A key is the score's bits made to sort as u32; 0 stands for an excluded row. Over int8 rows the dot product is exact: the int16
 * query travels as two int8 planes, level = high * 256 + low, and i32 arithmetic wraps around to the right sum. Over f16 rows the
 * query and the sums are f32: only the rows are rounded, and they only where the folder held more.
 */
export function topKShader(form: RowForm, queriesPerThread: number): string {
  const { directive, functions, sums, read, add, dot } = ARITHMETIC[form];
  return `${directive}
struct Params {
  firstRow: u32,      // of this part of the matrix
  rowCount: u32,      // in this part
  vectorsPerRow: u32, // of 16 bytes
  threadCount: u32,
  firstGroup: u32,
  groupCount: u32,    // over all parts
  itemCount: u32,
  count: u32,
  capacity: u32,
  hasBiases: u32,
  hasExcluded: u32,
  unused: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> scales: array<f32>;
@group(0) @binding(3) var<storage, read> biases: array<f32>;
@group(0) @binding(4) var<storage, read> queries: array<vec4<u32>>; // each: two vectors for every one of a row, its step
@group(0) @binding(5) var<storage, read> excluded: array<u32>;
@group(0) @binding(6) var<storage, read_write> keys: array<u32>;
@group(0) @binding(7) var<storage, read_write> groupBests: array<u32>;
@group(0) @binding(8) var<storage, read_write> found: array<atomic<u32>>; // each query: size, notFinite, cut, unused, then row, key, row, key, ...

${functions}

fn isExcluded(query: u32, row: u32) -> bool {
  let word = query * ((params.itemCount + 31u) / 32u) + (row >> 5u);
  return params.hasExcluded != 0u && ((excluded[word] >> (row & 31u)) & 1u) == 1u;
}

fn foundStart(query: u32) -> u32 { return query * (${FOUND_HEADER_BYTES / 4}u + 2u * params.capacity); }

fn sortableKey(score: f32) -> u32 {
  let bits = select(bitcast<u32>(score), 0u, score == 0.0); // -0 equals 0
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}

const TILE = ${queriesPerThread}u;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn score(@builtin(global_invocation_id) id: vec3<u32>) {
  let width = params.vectorsPerRow;
  let queryVectors = 2u * width + ${QUERY_TAIL_VECTORS}u;
  let firstQuery = id.y * TILE;
  var best: array<u32, TILE>;
  for (var r = id.x; r < params.rowCount; r += params.threadCount) {
    let row = params.firstRow + r;
    if (TILE == 1u && isExcluded(firstQuery, row)) {
      keys[firstQuery * params.itemCount + row] = 0u;
      continue;
    }
    ${sums} // Set here: not every driver does so anew for each row.
    for (var j = 0u; j < width; j++) {
      let v = rows[r * width + j];
      ${read}
      for (var q = 0u; q < TILE; q++) {
        let at = (firstQuery + q) * queryVectors;
        ${add}
      }
    }
    for (var q = 0u; q < TILE; q++) {
      let query = firstQuery + q;
      var key = 0u;
      if (TILE == 1u || !isExcluded(query, row)) {
        let step = bitcast<f32>(queries[query * queryVectors + 2u * width].x);
        var value = ${dot} * step * scales[row];
        if (params.hasBiases != 0u) { value += biases[row]; }
        if ((bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u) { atomicStore(&found[foundStart(query) + 1u], 1u); }
        key = sortableKey(value);
      }
      keys[query * params.itemCount + row] = key;
      best[q] = max(best[q], key);
    }
  }
  if (id.x < params.threadCount) {
    for (var q = 0u; q < TILE; q++) { groupBests[(firstQuery + q) * params.groupCount + params.firstGroup + id.x] = best[q]; }
  }
}

var<workgroup> histogram: array<atomic<u32>, 256>;
var<workgroup> prefix: u32;
var<workgroup> remaining: u32;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn cut(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let query = group.y;
  if (thread == 0u) {
    prefix = 0u;
    remaining = params.count;
  }
  for (var digit = 0u; digit < 4u; digit++) {
    let shift = 24u - 8u * digit;
    let prefixMask = select(0xffffffffu << (shift + 8u), 0u, digit == 0u);
    atomicStore(&histogram[thread], 0u);
    workgroupBarrier();
    for (var g = thread; g < params.groupCount; g += ${WORKGROUP_SIZE}u) {
      let key = groupBests[query * params.groupCount + g];
      if (key != 0u && (key & prefixMask) == prefix) { atomicAdd(&histogram[(key >> shift) & 255u], 1u); }
    }
    workgroupBarrier();
    if (thread == 0u && remaining > 0u) {
      var above = 0u;
      var bin = 256u;
      var size = 0u;
      while (bin > 0u && above + size < remaining) {
        above += size;
        bin--;
        size = atomicLoad(&histogram[bin]);
      }
      if (above + size < remaining) {
        // Fewer than count groups hold an allowed row: let every allowed row pass.
        prefix = 1u;
        remaining = 0u;
      } else {
        prefix |= bin << shift;
        remaining -= above;
      }
    }
    workgroupBarrier();
  }
  if (thread == 0u) { atomicStore(&found[foundStart(query) + 2u], prefix); }
}

@compute @workgroup_size(${WORKGROUP_SIZE})
fn collect(@builtin(global_invocation_id) id: vec3<u32>) {
  let query = id.y;
  let start = foundStart(query);
  let least = atomicLoad(&found[start + 2u]);
  for (var row = id.x; row < params.itemCount; row += params.threadCount) {
    let key = keys[query * params.itemCount + row];
    if (key >= least && key != 0u) {
      let slot = atomicAdd(&found[start], 1u);
      if (slot < params.capacity) {
        let at = start + ${FOUND_HEADER_BYTES / 4}u + 2u * slot;
        atomicStore(&found[at], row);
        atomicStore(&found[at + 1u], key);
      }
    }
  }
}
`;
}

const DOT_BY_SHIFTS = `fn dot4(a: u32, b: u32) -> i32 {
  let x = bitcast<i32>(a);
  let y = bitcast<i32>(b);
  return (x >> 24u) * (y >> 24u) + ((x << 8u) >> 24u) * ((y << 8u) >> 24u) +
    ((x << 16u) >> 24u) * ((y << 16u) >> 24u) + ((x << 24u) >> 24u) * ((y << 24u) >> 24u);
}`;

/** The parts of the shader that differ with the form of the rows; v is a row's vector j, at the query's first. */
interface Arithmetic {
  readonly directive: string;
  readonly functions: string;
  /** Declares the sums of a row with each query. */
  readonly sums: string;
  /** What is done once for all queries. */
  readonly read: string;
  /** Adds v's part to the sums. */
  readonly add: string;
  /** The finished dot product, f32. */
  readonly dot: string;
}

const INT8 = {
  directive: '',
  sums: 'var high = array<i32, TILE>(); var low = array<i32, TILE>();',
  read: '',
  add: `let h = queries[at + j];
        let l = queries[at + width + j];
        high[q] += dot4(v.x, h.x) + dot4(v.y, h.y) + dot4(v.z, h.z) + dot4(v.w, h.w);
        low[q] += dot4(v.x, l.x) + dot4(v.y, l.y) + dot4(v.z, l.z) + dot4(v.w, l.w);`,
  dot: 'f32(high[q] * 256i + low[q])',
};

const F16 = {
  directive: '',
  sums: 'var sum = array<f32, TILE>();',
  read: `let first = toFloats(v.xy);
      let second = toFloats(v.zw);`,
  add: `sum[q] += dot(first, bitcast<vec4<f32>>(queries[at + 2u * j])) + dot(second, bitcast<vec4<f32>>(queries[at + 2u * j + 1u]));`,
  dot: 'sum[q]',
};

const ARITHMETIC: Readonly<Record<RowForm, Arithmetic>> = {
  'int8 rows by dp4a': {
    ...INT8,
    directive: 'requires packed_4x8_integer_dot_product;',
    functions: 'fn dot4(a: u32, b: u32) -> i32 { return dot4I8Packed(a, b); }',
  },
  'int8 rows by shifts': { ...INT8, functions: DOT_BY_SHIFTS },
  'f16 rows': {
    ...F16,
    directive: 'enable f16;',
    functions: 'fn toFloats(v: vec2<u32>) -> vec4<f32> { return vec4<f32>(bitcast<vec4<f16>>(v)); }',
  },
  'f16 rows, unpacked': {
    ...F16,
    functions: 'fn toFloats(v: vec2<u32>) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.x), unpack2x16float(v.y)); }',
  },
};
