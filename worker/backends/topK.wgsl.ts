/** Threads of a workgroup, in all three passes. */
export const WORKGROUP_SIZE = 256;
/** Bytes before the entries in the `found` buffer. */
export const FOUND_HEADER_BYTES = 16;

/**
 * The top-k on WebGPU in three passes of one submit:
 *
 * 1. `score`: every thread scores its rows, writes a sortable key for each and the best key of its own rows.
 * 2. `cut`: one workgroup finds the `count`-th highest of those bests by radix selection. At least `count` rows reach it,
 *    so no row of the top `count` lies below it; and few others do, for each thread has few rows.
 * 3. `collect`: the rows that reach the cut are appended to `found`, in no order. Its size may exceed the capacity
 *    (thousands of equal scores); the caller then reads all keys instead.
 *
 * A key is the score's bits made to sort as u32; 0 stands for an excluded row. The dot product is exact: the int16 query
 * travels as two int8 planes, level = high * 256 + low, and i32 arithmetic wraps around to the right sum.
 */
export function topKShader(hasPackedDot: boolean): string {
  return `${hasPackedDot ? 'requires packed_4x8_integer_dot_product;' : ''}
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
  step: f32,
}
struct Found {
  size: atomic<u32>,
  notFinite: atomic<u32>,
  cut: u32,
  unused: u32,
  entries: array<vec2<u32>>, // row, key
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> scales: array<f32>;
@group(0) @binding(3) var<storage, read> biases: array<f32>;
@group(0) @binding(4) var<storage, read> query: array<vec4<u32>>; // the high plane, then the low one
@group(0) @binding(5) var<storage, read> excluded: array<u32>;
@group(0) @binding(6) var<storage, read_write> keys: array<u32>;
@group(0) @binding(7) var<storage, read_write> groupBests: array<u32>;
@group(0) @binding(8) var<storage, read_write> found: Found;

${hasPackedDot ? 'fn dot4(a: u32, b: u32) -> i32 { return dot4I8Packed(a, b); }' : UNPACKED_DOT}

fn isExcluded(row: u32) -> bool {
  return params.hasExcluded != 0u && ((excluded[row >> 5u] >> (row & 31u)) & 1u) == 1u;
}

fn sortableKey(score: f32) -> u32 {
  let bits = select(bitcast<u32>(score), 0u, score == 0.0); // -0 equals 0
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}

@compute @workgroup_size(${WORKGROUP_SIZE})
fn score(@builtin(global_invocation_id) id: vec3<u32>) {
  var best = 0u;
  let width = params.vectorsPerRow;
  for (var r = id.x; r < params.rowCount; r += params.threadCount) {
    let row = params.firstRow + r;
    var key = 0u;
    if (!isExcluded(row)) {
      var high = 0i;
      var low = 0i;
      let start = r * width;
      for (var j = 0u; j < width; j++) {
        let v = rows[start + j];
        let h = query[j];
        let l = query[width + j];
        high += dot4(v.x, h.x) + dot4(v.y, h.y) + dot4(v.z, h.z) + dot4(v.w, h.w);
        low += dot4(v.x, l.x) + dot4(v.y, l.y) + dot4(v.z, l.z) + dot4(v.w, l.w);
      }
      var value = f32(high * 256i + low) * params.step * scales[row];
      if (params.hasBiases != 0u) { value += biases[row]; }
      if ((bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u) { atomicStore(&found.notFinite, 1u); }
      key = sortableKey(value);
    }
    keys[row] = key;
    best = max(best, key);
  }
  if (id.x < params.threadCount) { groupBests[params.firstGroup + id.x] = best; }
}

var<workgroup> histogram: array<atomic<u32>, 256>;
var<workgroup> prefix: u32;
var<workgroup> remaining: u32;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn cut(@builtin(local_invocation_index) thread: u32) {
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
      let key = groupBests[g];
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
  if (thread == 0u) { found.cut = prefix; }
}

@compute @workgroup_size(${WORKGROUP_SIZE})
fn collect(@builtin(global_invocation_id) id: vec3<u32>) {
  let least = found.cut;
  for (var row = id.x; row < params.itemCount; row += params.threadCount) {
    let key = keys[row];
    if (key >= least && key != 0u) {
      let slot = atomicAdd(&found.size, 1u);
      if (slot < params.capacity) { found.entries[slot] = vec2<u32>(row, key); }
    }
  }
}
`;
}

/** The same by shifts, for browsers without packed_4x8_integer_dot_product. */
const UNPACKED_DOT = `fn dot4(a: u32, b: u32) -> i32 {
  let x = bitcast<i32>(a);
  let y = bitcast<i32>(b);
  return (x >> 24u) * (y >> 24u) + ((x << 8u) >> 24u) * ((y << 8u) >> 24u) +
    ((x << 16u) >> 24u) * ((y << 16u) >> 24u) + ((x << 24u) >> 24u) * ((y << 24u) >> 24u);
}`;
