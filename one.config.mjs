import all from './rollup.config.mjs';
const wanted = (process.env.WANT ?? 'build/src/index.js').split(',');
export default all.filter((one) => wanted.includes(one.input));
