/**
 * Where everything lies in the shared memory. The first 256 bytes belong to the thread pool; then come the words below, i32 each,
 * in the order of `VALUE_WORDS` and `arrayLengths` in gruEngine.ts, which fills them. A pointer is a byte offset, 16-byte aligned.
 * A row of units is padded to `stride` (a multiple of 8), the rows of a batch to `paddedRows` (a multiple of 8); padding is zero.
 */
const WORDS: usize = 256;

// @ts-ignore: decorator
@inline
function word(index: usize): i32 {
  return load<i32>(WORDS + (index << 2));
}
// @ts-ignore: decorator
@inline
function pointer(index: usize): usize {
  return <usize>load<u32>(WORDS + (index << 2));
}
// @ts-ignore: decorator
@inline
function real(index: usize): f32 {
  return load<f32>(WORDS + (index << 2));
}

/** Live rows of the batch. */
export function rows(): i32 { return word(0); }
export function paddedRows(): i32 { return word(1); }
export function units(): i32 { return word(2); }
export function stride(): i32 { return word(3); }
/** Items that are scored in this step, each once. */
export function columns(): i32 { return word(4); }
/** Items that are updated in this step: the columns, then inputs that are none. */
export function touched(): i32 { return word(5); }
export function itemCount(): i32 { return word(6); }
/** 0: cross-entropy, 1: BPR-max. */
export function lossKind(): i32 { return word(7); }
/** Key of this step's random numbers. */
export function randomKey(): u32 { return <u32>word(8); }
export function embeddingDropout(): f32 { return real(9); }
export function hiddenDropout(): f32 { return real(10); }
export function learningRate(): f32 { return real(11); }
export function momentum(): f32 { return real(12); }
export function epsilon(): f32 { return real(13); }
/** Weight of BPR-max's score regularisation. */
export function scorePenalty(): f32 { return real(14); }

/** f32 items x stride, and the optimiser's two arrays of the same shape. */
export function items(): usize { return pointer(15); }
export function itemSquares(): usize { return pointer(16); }
export function itemVelocities(): usize { return pointer(17); }
/** f32, items. */
export function biases(): usize { return pointer(18); }
export function biasSquares(): usize { return pointer(19); }
export function biasVelocities(): usize { return pointer(20); }
/** f32: kernel (stride x 3 stride), recurrent kernel (the same), input bias (3 stride), recurrent bias (3 stride); gates z, r, h. */
export function cell(): usize { return pointer(21); }
export function cellSquares(): usize { return pointer(22); }
export function cellVelocities(): usize { return pointer(23); }
export function cellGradients(): usize { return pointer(24); }

/** i32, padded rows. */
export function inputs(): usize { return pointer(25); }
export function targets(): usize { return pointer(26); }
/** i32, padded rows: the column of each row's target. */
export function targetColumns(): usize { return pointer(27); }
/** f32, padded rows: logarithm of the target's weight in the softmax. */
export function targetOffsets(): usize { return pointer(28); }
/** i32, padded rows: which touched row each input is. */
export function inputColumns(): usize { return pointer(29); }
/** i32, touched. */
export function columnItems(): usize { return pointer(30); }
/** f32, columns: logarithm of the column's weight in the softmax. */
export function columnOffsets(): usize { return pointer(31); }

/** f32, padded rows x stride each. */
export function embedded(): usize { return pointer(32); }
export function embeddedMask(): usize { return pointer(33); }
export function stateBefore(): usize { return pointer(34); }
export function stateAfter(): usize { return pointer(35); }
export function outputMask(): usize { return pointer(36); }
export function output(): usize { return pointer(37); }
/** f32, stride x padded rows. */
export function outputTurned(): usize { return pointer(38); }
/** f32, padded rows x 3 stride: sums before, gates after activation. */
export function inputGates(): usize { return pointer(39); }
export function stateGates(): usize { return pointer(40); }
/** f32, padded rows x 3 stride: gradients of the sums. */
export function inputGateGradients(): usize { return pointer(41); }
export function stateGateGradients(): usize { return pointer(42); }
/** f32, 3 stride x padded rows. */
export function turnedGradients(): usize { return pointer(43); }
/** f32, stride x padded rows. */
export function embeddedGradients(): usize { return pointer(44); }
/** f32, touched x stride: the scored rows side by side, and their gradients. */
export function gathered(): usize { return pointer(45); }
export function itemGradients(): usize { return pointer(46); }
/** f32, touched. */
export function biasGradients(): usize { return pointer(47); }
/** f32, columns x padded rows: scores, then their exponentials, then their gradients. */
export function scores(): usize { return pointer(48); }
/** f32, chunks x 5 x padded rows: maximum and four sums; then the factors of the second pass. */
export function chunkSums(): usize { return pointer(49); }
/** f32, chunks x padded rows x stride. */
export function chunkOutputGradients(): usize { return pointer(50); }
/** f32, padded rows: exact score of each target. */
export function targetScores(): usize { return pointer(51); }
/** f32, 5 x padded rows: the sums over all chunks. */
export function totals(): usize { return pointer(52); }
/** f32, 64 x padded rows for each thread. */
export function threadScratch(): usize { return pointer(53); }
/** i32, chunks of all items x padded rows: how many items of the chunk rank before the target. */
export function chunkRanks(): usize { return pointer(54); }
