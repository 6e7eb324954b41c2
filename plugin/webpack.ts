/** `bilevel/webpack`: the plugin of webpack. */
import type { WebpackPluginInstance } from 'webpack';
import type { BilevelOptions } from './options.ts';
import { plugin } from './plugin.ts';

export type { BilevelOptions } from './options.ts';

const bilevel: (options?: BilevelOptions) => WebpackPluginInstance = plugin.webpack;
export default bilevel;
