/** The reference problems on gpu.js' headless OpenGL: hypergradients to 1e-3; see `vitest.headlessgl.config.ts`. */
import { describeEveryCase } from '../backends/every-case.ts';

describeEveryCase('gpujs-headlessgl');
