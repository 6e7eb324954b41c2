/** `bilevel/rollup`: the plugin of Rollup. */
import type { Plugin } from 'rollup';
import type { BilevelOptions } from './options.ts';
import { plugin } from './plugin.ts';

export type { BilevelOptions } from './options.ts';

const bilevel: (options?: BilevelOptions) => Plugin = plugin.rollup;
export default bilevel;
