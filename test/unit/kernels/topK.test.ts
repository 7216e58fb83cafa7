import { createCpuBackend } from '../../../src/core/kernels/topK.cpu.js';
import { createWasmBackend } from '../../../src/core/kernels/topK.wasm.js';
import { describeTopKContract } from '../../fixtures/topKContract.js';

describeTopKContract('cpu', createCpuBackend);
describeTopKContract('wasm on the memory of the matrix', createWasmBackend, { inWasmMemory: true });
describeTopKContract('wasm on a copy of the matrix', createWasmBackend);
