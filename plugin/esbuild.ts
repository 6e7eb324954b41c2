/** `bilevel/esbuild`: the plugin of esbuild. */
import type { Plugin } from 'esbuild';
import type { BilevelOptions } from './options.ts';
import { plugin } from './plugin.ts';

export type { BilevelOptions } from './options.ts';

const bilevel: (options?: BilevelOptions) => Plugin = plugin.esbuild;
export default bilevel;
