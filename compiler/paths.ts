/** Names of files as pages speak of them: text alone, of no file system. */

const whole = /^(?:[/\\]|[A-Za-z][A-Za-z\d+.-]*:)/u;

/** Says the same wherever it is written: from a root, or of the web. */
export const isWhole = (path: string): boolean => whole.test(path);
const lastFolder = /(?<name>[^/\\]+)[/\\]+$/u;

/** What `path`, as written in `file`, is called from where `file` is called so: `a/b.bilevel` and `../c.bilevel` give `c.bilevel`. */
export function beside(file: string, path: string): string {
  if (isWhole(path)) return path;
  let folder = file.replace(/[^/\\]*$/u, '');
  const names = path.split(/[/\\]+/u);
  const own = names.pop() ?? '';
  for (const name of names) {
    if (name === '' || name === '.') continue;
    const last = lastFolder.exec(folder)?.groups?.['name'];
    if (name !== '..' || last === undefined || last === '..') folder += `${name}/`;
    else folder = folder.replace(lastFolder, last === '.' ? '../' : '');
  }
  return folder + own;
}

/**
 * How `file` speaks of `target`: `beside(file, pathFrom(file, target))` is `target`. Both begin at one place, and have `/` between names; nothing
 * where no such path is, as between two servers.
 */
export function pathFrom(file: string, target: string): string | undefined {
  const [own, other] = [file, target].map((name) => name.split('/')) as [string[], string[]];
  const shared = own.findIndex((name, i) => i === own.length - 1 || i === other.length - 1 || name !== other[i]);
  // Of `file:///a`, the scheme, the server and what begins the path.
  const root = /^[A-Za-z][A-Za-z\d+.-]*:\/\//u.test(file) ? 3 : 0;
  if (shared < root || own.slice(shared, -1).includes('..')) return undefined;
  return [...own.slice(shared, -1).map(() => '..'), ...other.slice(shared)].join('/');
}
