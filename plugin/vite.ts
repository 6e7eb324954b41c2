/** `bilevel/vite`: the plugin of Vite and vitest. */
import type { Plugin } from 'vite';
import type { BilevelOptions } from './options.ts';
import { plugin } from './plugin.ts';

export type { BilevelOptions } from './options.ts';

const bilevel: (options?: BilevelOptions) => Plugin = plugin.vite;
export default bilevel;
