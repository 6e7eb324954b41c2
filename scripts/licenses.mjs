// What a bundle passes on of the packages that are in it.
import { readdirSync, readFileSync } from 'node:fs';

/** The licences of the packages that are in the program: they want to be passed on with it. */
export function licensesOf(modules) {
  const folders = new Set(
    modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(id)?.[0]).filter((folder) => folder !== undefined),
  );
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/iu.test(entry));
      return [`${name} ${version}, ${license}`, ...(file === undefined ? [] : [readFileSync(`${folder}/${file}`, 'utf8').trim()])].join(
        '\n\n',
      );
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}
