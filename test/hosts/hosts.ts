/** The programs that modules are run by. One that is not there fails its tests: nothing is skipped. */
import { execFile } from 'node:child_process';

export interface Host {
  readonly name: string;
  /** The variable of the environment that names its program; `.ci/run` sets it. */
  readonly variable?: string;
  /** What its `--version` begins with. */
  readonly version: string;
  /** Before the file that it runs. */
  readonly options: readonly string[];
}

export const hosts: readonly Host[] = [
  { name: 'this Node', version: 'v', options: [] },
  { name: 'Node 22', variable: 'BILEVEL_NODE22', version: 'v22.', options: [] },
  { name: 'Node 24', variable: 'BILEVEL_NODE24', version: 'v24.', options: [] },
  // Nothing but reading is permitted: no environment, no system, no network.
  { name: 'Deno', variable: 'BILEVEL_DENO', version: 'deno 2.', options: ['run', '--quiet', '--no-prompt', '--allow-read'] },
  { name: 'Bun', variable: 'BILEVEL_BUN', version: '1.', options: [] },
];

export function programOf({ name, variable }: Host): string {
  if (variable === undefined) return process.execPath;
  const program = process.env[variable];
  if (program === undefined || program === '') throw new Error(`${variable} does not say where ${name} is`);
  return program;
}

/** What it printed. Fails where it does not end well by itself, within a minute. */
export function output(host: Host, arguments_: readonly string[], folder?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'utf8', timeout: 60_000, maxBuffer: 2 ** 26, ...(folder === undefined ? {} : { cwd: folder }) } as const;
    execFile(programOf(host), arguments_, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${host.name}: ${error.killed === true ? 'it did not end' : error.message}\n${stdout}${stderr}`));
    });
  });
}
