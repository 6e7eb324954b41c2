/** `bilevel check --fix`. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { bilevel, folderWith } from './harness.ts';

const wrong = `import { smooth } from './kernels.bilevel';

# Ridge regression, as one writes it elsewhere.
problem ridge {
  dim n, d
  data X: [n, d]
  data y: [n]
  hyper penalty: positve
  param w: float[d]
  scale = np.mean(X**2);
  inner maximise -np.sum(np.square(X[0:10] @ w - y[:10])) - penalty * w.dot(w)
  outer minimize mean((X @ w - y)^2)
`;

const mended = `import { smooth } from "./kernels.bilevel"

// Ridge regression, as one writes it elsewhere.
problem ridge {
  dim n, d
  data X: [n, d]
  data y: [n]
  hyper penalty: positve
  param w: real[d]
  let scale = mean(X^2)
  inner minimize -(-sum((X[0 .. 9] @ w - y[0 .. 9])^2) - penalty * dot(w, w))
  outer minimize mean((X @ w - y)^2)
}
`;

const files = { 'page.bilevel': wrong, 'kernels.bilevel': 'fn smooth(x: []): [] = x^2\n' };

describe('check --fix', () => {
  const folders: ReturnType<typeof folderWith>[] = [];
  const folder = (of: Readonly<Record<string, string>>): ReturnType<typeof folderWith> => {
    const made = folderWith(of);
    folders.push(made);
    return made;
  };
  afterEach(() => folders.splice(0).forEach((made) => made.remove()));

  it('writes what was clearly meant, says what it did, and leaves the rest to be said', async () => {
    const made = folder(files);
    const page = made.path('page.bilevel');
    const { code, stdout, stderr } = await bilevel(['check', '--fix', page]);
    expect(readFileSync(page, 'utf8')).toBe(mended);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.includes(': mended ')).length).toBe(15);
    expect(lines[0]).toBe(`${page}:1:24: mended BL1025 (single-quotes): write "./kernels.bilevel"`);
    expect(stdout).toContain(`${page}:8:18: error BL1008 (unknown-kind)`);
    expect(stdout).toContain('did you mean `positive`?');
    expect(stderr).toContain('1 error');
    expect(code).toBe(1);
  });

  it('says it as data, and has nothing to do a second time', async () => {
    const made = folder({ ...files, 'page.bilevel': wrong.replace('positve', 'positive') });
    const page = made.path('page.bilevel');
    const first = (await bilevel(['check', '--fix', '--json', page])).json();
    expect(first['status']).toBe('ok');
    expect(first['mended']).toContainEqual({ file: page, line: 10, column: 20, code: 'BL1031', slug: 'foreign-sign', fix: 'write `^`' });
    expect((await bilevel(['check', '--fix', '--json', page])).json()).toMatchObject({ status: 'ok', mended: [], diagnostics: [] });
  });

  it('keeps the line ends of the page', async () => {
    const made = folder({ ...files, 'page.bilevel': wrong.replaceAll('\n', '\r\n') });
    await bilevel(['check', '--fix', made.path('page.bilevel')]);
    expect(readFileSync(made.path('page.bilevel'), 'utf8')).toBe(mended.replaceAll('\n', '\r\n'));
  });

  it('shows fixes that it does not apply', async () => {
    const made = folder({ 'page.bilevel': mended, 'kernels.bilevel': files['kernels.bilevel'] });
    const document = (await bilevel(['check', '--json', made.path('page.bilevel')])).json();
    expect(document).not.toHaveProperty('mended');
    expect(document['diagnostics']).toMatchObject([
      {
        code: 'BL1008',
        fixes: [{ title: 'did you mean `positive`?', certain: false, edits: [{ line: 8, column: 18, text: 'positive' }] }],
      },
    ]);
  });

  it('writes nothing where nothing is certain, and refuses what makes no sense', async () => {
    const made = folder({ 'page.bilevel': 'problem p {\n' });
    expect((await bilevel(['check', '--fix', made.path('absent.bilevel')])).code).toBe(2);
    expect((await bilevel(['check', '--fix', '--dump', 'lower', made.path('page.bilevel')])).stderr).toContain('without --fix');
  });
});
