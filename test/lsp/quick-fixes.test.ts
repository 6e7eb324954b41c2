/** Code actions that mend: at a place, and of a whole page. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CodeAction } from 'vscode-languageserver/node';
import { afterEach, describe, expect, it } from 'vitest';
import { Editor, type OpenPage } from './harness.ts';

const literals = { textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } } } };

const page = (line: string): string => `problem p {
  hyper penalty: positive
  param w: []
  ${line}
  inner minimize (w - 1)^2 + penalty * w^2
  outer minimize (w - 0.4)^2
}
`;

describe('quick fixes', () => {
  const editors: Editor[] = [];
  afterEach(() => Promise.all(editors.splice(0).map((editor) => editor.stop())));

  async function opened(written: string): Promise<{ readonly page: OpenPage; readonly actions: (only?: string) => Promise<CodeAction[]> }> {
    const editor = await Editor.start(literals);
    editors.push(editor);
    const open = await editor.open(written);
    const at = open.document.positionAt(open.cursors[0] ?? 0);
    const actions = (only?: string): Promise<CodeAction[]> =>
      editor.client.sendRequest('textDocument/codeAction', {
        textDocument: { uri: open.uri },
        range: { start: at, end: at },
        context: { diagnostics: [], ...(only === undefined ? {} : { only: [only] }) },
      });
    return { page: open, actions };
  }

  const applied = ({ document, uri }: OpenPage, action: CodeAction | undefined): string =>
    TextDocument.applyEdits(document, action?.edit?.changes?.[uri] ?? []);

  it('the only certain one is preferred, and says what it answers', async () => {
    const { page: open, actions } = await opened(page('let u = w*<|>*2'));
    const [action, ...others] = (await actions()).filter(({ kind }) => kind === 'quickfix');
    expect(others).toEqual([]);
    expect(action).toMatchObject({ title: 'Write `^`', isPreferred: true, diagnostics: [{ code: 'BL1031' }] });
    expect(applied(open, action)).toBe(page('let u = w^2'));
  });

  it('one of several is not', async () => {
    const { page: open, actions } = await opened(page('let u = w + off<|>set'));
    const found = await actions('quickfix');
    expect(found.map(({ title }) => title)).toEqual(
      ['data: []', 'hyper: real', 'param: []'].map((d) => `Declare \`${d.replace(':', ' offset:')}\``),
    );
    expect(found.every(({ isPreferred }) => isPreferred === undefined)).toBe(true);
    expect(applied(open, found[1])).toBe(page('let u = w + offset').replace('positive', 'positive\n  hyper offset: real'));
  });

  it('have the line ends of the page', async () => {
    const { page: open, actions } = await opened(page('let u = w + off<|>set').replaceAll('\n', '\r\n'));
    const [declared] = await actions('quickfix');
    expect(applied(open, declared)).toBe(open.text.replace('  hyper', '  data offset: []\r\n  hyper'));
  });

  it('of a page that is right, and elsewhere on one that is wrong, there are none', async () => {
    expect(await (await opened(page('let u = <|>w^2'))).actions('quickfix')).toEqual([]);
    expect(await (await opened(page('let u = w**2').replace('(w - 0.4)', '<|>(w - 0.4)'))).actions('quickfix')).toEqual([]);
  });

  it('all that are certain are one action, for who asks for it', async () => {
    const { page: open, actions } = await opened(page('let u = w**2;<|> let v = w + pennalty + np.abs(w)'));
    expect((await actions()).map(({ kind }) => kind)).not.toContain('source.fixAll.bilevel');
    const [all] = await actions('source.fixAll');
    expect(all).toMatchObject({ kind: 'source.fixAll.bilevel' });
    expect(all?.diagnostics?.map(({ code }) => code)).toEqual(['BL1031', 'BL1027', 'BL1044']);
    expect(applied(open, all)).toBe(page('let u = w^2 let v = w + pennalty + abs(w)'));
  });
});
