/** An application of pages, in a folder where the package can be found, and the bundlers that put it together. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';
import forEsbuild from '../../plugin/esbuild.ts';
import type { BilevelOptions } from '../../plugin/options.ts';
import forRollup from '../../plugin/rollup.ts';
import forVite from '../../plugin/vite.ts';
import forWebpack from '../../plugin/webpack.ts';
import { solve } from '../helpers/cli.ts';
import { Project } from '../module/harness.ts';

export class Application extends Project {
  constructor(files: Readonly<Record<string, string>> = {}) {
    super();
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** What a program of the folder prints; its stderr too, when it fails. */
  async run(...words: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string; readonly failed: boolean }> {
    try {
      return { ...(await promisify(execFile)(process.execPath, words, { cwd: this.folder })), failed: false };
    } catch (error) {
      const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
      return { stdout, stderr, failed: true };
    }
  }
}

export interface Told {
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** As the bundler counts. */
  readonly column?: number | undefined;
  /** The lines of the page, where the bundler holds them apart. */
  readonly frame?: string | undefined;
}

export interface Bundle {
  readonly errors: readonly Told[];
  readonly warnings: readonly Told[];
}

/** Bundles `entry` into `bundle.js`, with a source map. */
export type Bundler = (application: Application, entry: string, options?: BilevelOptions) => Promise<Bundle>;

interface RollupLog {
  readonly message: string;
  readonly frame?: string | undefined;
  readonly loc?: { readonly file?: string | undefined; readonly line: number; readonly column: number } | undefined;
}

const toldByRollup = ({ message, frame, loc }: RollupLog): Told => ({ message, frame, ...loc });

export const bundlers: Readonly<Record<'vite' | 'rollup' | 'webpack' | 'esbuild', Bundler>> = {
  vite: async ({ folder }, entry, options) => {
    const warnings: Told[] = [];
    const ending = await failureOf(() =>
      vite({
        root: folder,
        configFile: false,
        logLevel: 'silent',
        build: {
          outDir: folder,
          emptyOutDir: false,
          sourcemap: true,
          lib: { entry, formats: ['es'], fileName: 'bundle' },
          rolldownOptions: {
            checks: { pluginTimings: false },
            external: ['bilevel/runtime'],
            onwarn: (log) => void warnings.push(toldByRollup(log)),
          },
        },
        plugins: [forVite(options)],
      }),
    );
    const errors = (ending as { readonly errors?: readonly RollupLog[] } | undefined)?.errors ?? [];
    return { errors: errors.map(toldByRollup), warnings };
  },
  rollup: async ({ folder }, entry, options) => {
    const warnings: Told[] = [];
    const ending = await failureOf(async () => {
      const bundle = await rollup({
        input: `${folder}/${entry}`,
        external: ['bilevel/runtime'],
        onwarn: (log) => void warnings.push(toldByRollup(log)),
        plugins: [forRollup(options)],
      });
      await bundle.write({ file: `${folder}/bundle.js`, sourcemap: true });
    });
    return { errors: ending === undefined ? [] : [toldByRollup(ending as RollupLog)], warnings };
  },
  webpack: async ({ folder }, entry, options) => {
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      const compiler = webpack({
        context: folder,
        entry: `./${entry}`,
        mode: 'development',
        devtool: 'source-map',
        target: 'node20',
        experiments: { outputModule: true },
        externalsType: 'module',
        externals: ['bilevel/runtime'],
        output: { path: folder, filename: 'bundle.js', module: true },
        plugins: [forWebpack(options)],
      });
      compiler?.run((error, result) => compiler.close(() => (error === null ? resolve(result) : reject(error))));
    });
    const { errors = [], warnings = [] } = stats?.toJson({ errors: true, warnings: true }) ?? {};
    return { errors, warnings };
  },
  esbuild: async ({ folder }, entry, options) => {
    interface Message {
      readonly text: string;
      readonly location: { readonly file: string; readonly line: number; readonly column: number } | null;
    }
    const told = ({ text, location }: Message): Told => ({ message: text, ...location });
    let warnings: readonly Message[] = [];
    const ending = await failureOf(async () => {
      const result = await esbuild({
        absWorkingDir: folder,
        entryPoints: [entry],
        outfile: 'bundle.js',
        bundle: true,
        format: 'esm',
        platform: 'node',
        sourcemap: true,
        logLevel: 'silent',
        plugins: [forEsbuild(options)],
      });
      warnings = result.warnings;
    });
    const errors = (ending as { readonly errors: readonly Message[] } | undefined)?.errors ?? [];
    return { errors: errors.map(told), warnings: warnings.map(told) };
  },
};

/** What it rejects with. */
async function failureOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

export const pages = {
  'mean.bilevel': `/// A line that is drawn to a target.
problem mean {
  dim n
  data x: [n] from "study.csv" column x
  data y: [n] from "study.csv" column y
  hyper pull: positive = 0.3
  param w: [2]
  inner minimize mean((w[0] + w[1] * x - y)^2) + pull * sum(w^2)
  outer minimize (w[0] - 0.7)^2 + mean(y * w[1])^2
  report slope = w[1]
}
`,
  'study.csv': 'x,y\n0.1,1.2\n0.7,1.9\n1.3,2.2\n2.9,4.1\n',
  'two.bilevel': `problem near {
  hyper t: positive
  param w: []
  inner minimize (w - 1)^2 + t * w^2
  outer minimize (w - 0.4)^2
}

/// Farther away.
problem far {
  hyper t: positive
  param w: []
  inner minimize (w - 10)^2 + t * w^2
  outer minimize (w - 0.3)^2
}
`,
  'wrong.bilevel': `problem wrong {
  hyper t: positive
  param w: []
  inner minimize (w - 1)^2 + t * é * v^2
  outer minimize (u - 0.4)^2
}
`,
} as const;

export const application = `import mean, { solve } from './mean.bilevel';
import { far, near } from './two.bilevel';
import { describe, solve as solveFar } from './two.bilevel?problem=far';
const solution = await solve({ x: [0.1, 0.7, 1.3, 2.9], y: [1.2, 1.9, 2.2, 4.1] });
const { outer, hyper, param, report } = solution;
console.log(JSON.stringify({
  mean: { outer, hyper, w: [...param.w.data], report },
  same: mean.solve === solve && far.solve === solveFar && describe.name === 'far',
  near: (await near.solve({})).outer,
  far: (await far.solve({})).outer,
}));
`;

/** What the application prints, by `bilevel run` of its pages. */
export async function expectedOf(made: Application): Promise<unknown> {
  const { outer, hyper, param, report } = await solve(made.path('mean.bilevel'));
  const outerOf = async (problem: string): Promise<number> => (await solve(made.path('two.bilevel'), '--problem', problem)).outer;
  return { mean: { outer, hyper, w: param['w'], report }, same: true, near: await outerOf('near'), far: await outerOf('far') };
}
