/** Where things lie. The harness runs compiled, from `dist.bench/bench/`; data and scripts are read from the source folder. */
import { fileURLToPath } from 'node:url';

export interface Places {
  readonly root: string;
  /** The source folder `bench/`. */
  readonly bench: string;
  /** The compiled folder. It is not in `dist/`, which any build replaces while a benchmark may be running. */
  readonly built: string;
  readonly digits: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function placesOf(environment: Places['environment']): Places {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const built = fileURLToPath(new URL('.', import.meta.url));
  return { root, bench: `${root}bench`, built, digits: `${root}bench/digits/digits.csv`, environment };
}
