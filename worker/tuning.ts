/** The file `tuning.js`: what may be faster on this device than what serves, and how that is measured. See rooms.ts. */
import { relaxedRoom } from '../src/core/kernels/topK.relaxed.js';
import { considerFaster } from './backends/considerFaster.js';

export const tuningRoom = { relaxed: relaxedRoom, considerFaster };
export type TuningRoom = typeof tuningRoom;

export { tuningRoom as room };
