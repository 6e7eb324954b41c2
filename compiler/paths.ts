/** Names of files as pages speak of them: text alone, of no file system. */

const isWhole = /^(?:[/\\]|[A-Za-z][A-Za-z\d+.-]*:)/u;
const lastFolder = /(?<name>[^/\\]+)[/\\]+$/u;

/** What `path`, as written in `file`, is called from where `file` is called so: `a/b.bilevel` and `../c.bilevel` give `c.bilevel`. */
export function beside(file: string, path: string): string {
  if (isWhole.test(path)) return path;
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
