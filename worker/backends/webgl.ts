import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl/dist/backend_webgl';
import { MatMulPackedProgram } from '@tensorflow/tfjs-backend-webgl/dist/mulmat_packed_gpu';
import { env, type TensorInfo } from '@tensorflow/tfjs-core';
import { RecommenderError } from '../../src/core/errors.js';
import { BestRows } from '../../src/core/kernels/bestRows.js';
import {
  inverseNorm,
  isExcluded,
  type Backend,
  type CandidateBatch,
  type ItemMatrix,
  type LoadedMatrix,
} from '../../src/core/kernels/topK.js';
import { DeviceGuard } from './deviceGuard.js';

/** The most factors in one texture (64 MiB of f32), where the texture size does not allow fewer. */
const MAX_PART_FACTORS = 2 ** 24;
/** Queries multiplied at once: their scores for a part come back whole, 4 bytes for each row and query. */
const QUERIES_PER_PASS = 16;

export interface WebGlOptions {
  /** The most factors in one texture; a larger matrix is split. */
  readonly maxPartFactors?: number;
}

/** A run of rows in a texture of its own, f32, 1 x rowCount x dimensions: the int8 levels, exact in f32. */
interface Part {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly tensor: TensorInfo;
}

/**
 * Scores on the GPU through WebGL 2, for browsers without WebGPU: one tfjs matMul per part; scales, biases, exclusions and
 * top-k follow in plain JavaScript, since tf.topk takes some 80 dispatches and half-float textures would spoil its indexes.
 * Throws `backend/unavailable` without WebGL 2 or without float32 render targets.
 */
export async function createWebGlBackend({ maxPartFactors = MAX_PART_FACTORS }: WebGlOptions = {}): Promise<Backend> {
  const canvas = typeof OffscreenCanvas === 'undefined' ? null : new OffscreenCanvas(1, 1);
  if (!canvas || env().getNumber('WEBGL_VERSION') !== 2)
    throw new RecommenderError('backend/unavailable', 'This browser has no WebGL 2 here.');
  if (!env().getBool('WEBGL_RENDER_FLOAT32_CAPABLE')) {
    throw new RecommenderError('backend/unavailable', 'The GPU cannot render to float32 textures, and float16 is too coarse for scores.');
  }
  const guard = new DeviceGuard('WebGL context');
  // After a loss tfjs waits for ever on a fence that no longer exists, so the loss is watched here.
  canvas.addEventListener('webglcontextlost', () => guard.fail('was lost'));
  let tfjs: MathBackendWebGL;
  try {
    // tfjs takes an OffscreenCanvas too; its types know only the element.
    tfjs = new MathBackendWebGL(canvas as unknown as HTMLCanvasElement);
  } catch (cause) {
    throw new RecommenderError('backend/unavailable', 'This browser gave no WebGL 2 context.', {}, cause);
  }
  const { gl } = tfjs.gpgpu;
  return {
    name: 'webgl',
    adapter: describeRenderer(gl),
    load: (matrix) => guard.run(() => loadMatrix({ tfjs, guard, matrix, maxPartFactors })),
    close: () => {
      guard.fail('was closed');
      tfjs.dispose();
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}

interface LoadOptions {
  readonly tfjs: MathBackendWebGL;
  readonly guard: DeviceGuard;
  readonly matrix: ItemMatrix;
  readonly maxPartFactors: number;
}

async function loadMatrix({ tfjs, guard, matrix, maxPartFactors }: LoadOptions): Promise<LoadedMatrix> {
  const { itemCount, dimensions, stride, rows } = matrix;
  // A packed texel holds 2 x 2 values, so half the largest texture's area in factors leaves room for padding.
  const textureFactors = 2 * env().getNumber('WEBGL_MAX_TEXTURE_SIZE') ** 2;
  const partRows = Math.max(1, Math.floor(Math.min(maxPartFactors, textureFactors) / dimensions));
  const parts: Part[] = [];
  for (let firstRow = 0; firstRow < itemCount; firstRow += partRows) {
    const rowCount = Math.min(partRows, itemCount - firstRow);
    const factors = new Float32Array(rowCount * dimensions);
    for (let r = 0; r < rowCount; r++) {
      const start = (firstRow + r) * stride;
      factors.set(rows.subarray(start, start + dimensions), r * dimensions);
    }
    const part = { firstRow, rowCount, tensor: tfjs.makeTensorInfo([1, rowCount, dimensions], 'float32', factors) };
    parts.push(part);
    // tfjs uploads on first use and only then frees its copy.
    await multiply(tfjs, part, [new Float32Array(dimensions)], dimensions);
  }
  return {
    findCandidates: async ({ query, rule, count, excluded }) =>
      (await guard.run(() => findCandidates(tfjs, matrix, parts, { queries: [query], rule, count, excluded: [excluded] })))[0]!,
    findCandidatesBatch: async (batch) => {
      const lists: Uint32Array[] = [];
      for (let start = 0; start < batch.queries.length; start += QUERIES_PER_PASS) {
        const queries = batch.queries.slice(start, start + QUERIES_PER_PASS);
        const excluded = batch.excluded?.slice(start, start + QUERIES_PER_PASS) ?? null;
        lists.push(...(await guard.run(() => findCandidates(tfjs, matrix, parts, { ...batch, queries, excluded }))));
      }
      return lists;
    },
    dispose: () => {
      for (const { tensor } of parts) tfjs.disposeData(tensor.dataId);
    },
  };
}

async function findCandidates(
  tfjs: MathBackendWebGL,
  matrix: ItemMatrix,
  parts: readonly Part[],
  batch: CandidateBatch,
): Promise<Uint32Array[]> {
  const { rule, count } = batch;
  const scales = rule === 'cosine' ? matrix.cosineScales : matrix.scales;
  const biases = rule === 'cosine' ? null : matrix.biases;
  const columns = batch.queries.map((query, q) => {
    // Scaled to at most 1, so that no dot product leaves f32.
    const largest = query.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    const direction = query.map((value) => value / largest);
    const factor = rule === 'cosine' ? inverseNorm(direction) : largest;
    return { direction, factor, excluded: batch.excluded?.[q] ?? null, best: new BestRows(Math.min(count, matrix.itemCount)) };
  });
  const directions = columns.map(({ direction }) => direction);
  for (const part of parts) {
    const dots = await multiply(tfjs, part, directions, matrix.dimensions);
    for (const [q, { factor, excluded, best }] of columns.entries()) {
      for (let r = 0; r < part.rowCount; r++) {
        const row = part.firstRow + r;
        if (isExcluded(excluded, row)) continue;
        const score = dots[r * columns.length + q]! * scales[row]! * factor + (biases ? biases[row]! : 0);
        if (!Number.isFinite(score)) {
          throw new RecommenderError(
            'backend/failed',
            `The score of row ${row} is ${score}: the model holds infinite or NaN factors, or the GPU failed.`,
          );
        }
        best.offer(row, score);
      }
    }
  }
  return columns.map(({ best }) => best.rows());
}

/** The dot products of the part's rows with the queries, row-major: rowCount x queries. */
async function multiply(
  tfjs: MathBackendWebGL,
  { rowCount, tensor }: Part,
  queries: readonly Float32Array[],
  dimensions: number,
): Promise<Float32Array> {
  const columnCount = queries.length;
  const values = new Float32Array(dimensions * columnCount);
  for (const [q, query] of queries.entries()) for (let j = 0; j < dimensions; j++) values[j * columnCount + q] = query[j]!;
  const columns = tfjs.makeTensorInfo([1, dimensions, columnCount], 'float32', values);
  const program = new MatMulPackedProgram([1, rowCount, dimensions], [1, dimensions, columnCount], [1, rowCount, columnCount]);
  const product = tfjs.runWebGLProgram(program, [tensor, columns], 'float32');
  try {
    const dots = (await tfjs.read(product.dataId)) as Float32Array;
    // From a lost context nothing is read, without an error: what comes is the buffer as it was made, all zeros.
    if (tfjs.gpgpu.gl.isContextLost()) throw new RecommenderError('backend/failed', 'The WebGL context was lost.');
    return dots;
  } finally {
    tfjs.disposeIntermediateTensorInfo(columns);
    tfjs.disposeIntermediateTensorInfo(product);
  }
}

function describeRenderer(gl: WebGLRenderingContext): string {
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(unmasked ? unmasked.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|software|basic render/i.test(renderer) ? `${renderer}, software` : renderer;
}
