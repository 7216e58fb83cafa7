/** The file `users.js`: factors that the folder ships for some users. See rooms.ts. */
export { readUserVector as room } from '../src/core/artifact/readModelFolder.js';
