/** Sources of the command line: whatever file a page or a flag names. Beside `folder.ts` the only file of the runtime that knows a file system. */
import { dirname, isAbsolute, join } from 'node:path';
import { everyFormat } from './every-format.ts';
import type { DataSources } from './files.ts';
import { fromFolder } from './folder.ts';

/** Sources that read from the file system; paths of a page are relative to the page, those of overrides to the working folder. */
export function nodeSources(overrides?: DataSources['overrides']): DataSources {
  return {
    ...fromFolder('.'),
    formats: everyFormat,
    by: 'flags',
    resolve: (file, page) => (isAbsolute(file) ? file : join(dirname(page), file)),
    ...(overrides === undefined ? {} : { overrides }),
  };
}
