/** Races in a page of a browser. */
import '@tensorflow/tfjs-core';
// After the library, whose flags they read.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { race } from './race.ts';

Object.assign(globalThis, { race });
