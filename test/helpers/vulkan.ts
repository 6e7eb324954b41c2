/**
 * WebGPU for tests in Node: the software driver that Chromium brings, for Dawn (the package `webgpu`) to find. What loads libraries looks at
 * these names only when a process starts, so that they are set before there are workers.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Chromium may be started by a script that lies elsewhere than its libraries. */
const driver = 'vk_swiftshader_icd.json';
const folders = (): readonly string[] => {
  const named = process.env['BILEVEL_CHROMIUM'];
  return [
    ...(named === undefined ? [] : [dirname(realpathSync(named))]),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/opt/google/chrome',
  ];
};

export function withVulkan(): void {
  if (process.env['VK_ICD_FILENAMES'] !== undefined) return;
  const libraries = folders().filter((folder) => existsSync(join(folder, driver)));
  process.env['VK_ICD_FILENAMES'] = libraries.map((folder) => join(folder, driver)).join(':');
  process.env['LD_LIBRARY_PATH'] = [...libraries, process.env['LD_LIBRARY_PATH'] ?? ''].filter((path) => path !== '').join(':');
}
