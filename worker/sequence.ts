/** The file `sequence.js`: what a folder with a sequence model needs. See rooms.ts. */
export { sequenceRoom } from '../src/core/sequenceRoom.js';
