/**
 * Page and module side by side: where the cursor is in one, what speaks of it in the other is highlighted and brought into view. A module
 * that is not of the page as it stands is grey, says why, and is not compared with it.
 */
import {
  Range,
  TextEditorRevealType,
  ThemeColor,
  window,
  type DecorationOptions,
  type Disposable,
  type TextEditor,
  type TextEditorDecorationType,
} from 'vscode';
import { linesOf, statementOf } from './lines.ts';
import { scheme, type Modules, type Shown } from './modules.ts';

export class Positions implements Disposable {
  private readonly modules: Modules;
  private readonly spoken: TextEditorDecorationType;
  private readonly grey: TextEditorDecorationType;
  private readonly subscriptions: readonly Disposable[];

  constructor(modules: Modules) {
    this.modules = modules;
    this.spoken = window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new ThemeColor('bilevel.counterpartBackground'),
      overviewRulerColor: new ThemeColor('bilevel.counterpartBackground'),
    });
    this.grey = window.createTextEditorDecorationType({ opacity: '0.5' });
    this.subscriptions = [
      this.spoken,
      this.grey,
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.follow(textEditor, { reveal: true })),
      window.onDidChangeVisibleTextEditors(() => this.refresh()),
      // The note is to stay in sight.
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.shade(textEditor)),
      modules.onDidAnswer(() => this.refresh()),
    ];
  }

  /** What is seen is marked as it is now; nothing moves. */
  refresh(): void {
    for (const editor of window.visibleTextEditors) this.shade(editor);
    if (window.activeTextEditor !== undefined) this.follow(window.activeTextEditor, { reveal: false });
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }

  /** Shows the counterpart of where the cursor of an editor is. */
  private follow(editor: TextEditor, { reveal }: { readonly reveal: boolean }): void {
    const { document, selection } = editor;
    const isModule = document.uri.scheme === scheme;
    if (editor !== window.activeTextEditor || (!isModule && document.languageId !== 'bilevel')) return;
    editor.setDecorations(this.spoken, []);
    for (const shown of this.modules.of(document.uri)) {
      const ranges = isModule ? inPage(shown, selection.active.line) : inModule(shown, selection.active.line);
      for (const other of editorsOf(isModule ? shown.page : shown.uri)) {
        other.setDecorations(this.spoken, [...ranges]);
        if (reveal && ranges[0] !== undefined) other.revealRange(ranges[0], TextEditorRevealType.InCenterIfOutsideViewport);
      }
    }
  }

  private shade(editor: TextEditor): void {
    if (editor.document.uri.scheme !== scheme) return;
    const [shown] = this.modules.of(editor.document.uri);
    const because = shown?.module === undefined ? undefined : shown.because;
    editor.setDecorations(this.grey, because === undefined ? [] : [...noted(editor, because)]);
  }
}

/** All of a text, with a note before the second line that is in sight: the first may be half hidden. */
function noted({ document, visibleRanges }: TextEditor, because: string): readonly DecorationOptions[] {
  const first = Math.min((visibleRanges[0]?.start.line ?? 0) + 1, document.lineCount - 1);
  const before = {
    contentText: `not of the page as it is: ${because}`,
    color: new ThemeColor('editorWarning.foreground'),
    fontStyle: 'italic',
    margin: '0 2em 0 0',
  };
  const [note, end] = [document.lineAt(first).range, document.lineAt(document.lineCount - 1).range.end];
  return [{ range: new Range(0, 0, first, 0) }, { range: note, renderOptions: { before } }, { range: new Range(note.end, end) }];
}

/** Where a module is the page's own as it stands. */
const current = ({ module, because }: Shown) => (because === undefined ? module : undefined);

function inPage(shown: Shown, line: number): readonly Range[] {
  const module = current(shown);
  const found = module && statementOf(module, line);
  return found === undefined ? [] : [new Range(found.start.line, found.start.character, found.end.line, found.end.character)];
}

function inModule(shown: Shown, line: number): readonly Range[] {
  const module = current(shown);
  return module === undefined ? [] : linesOf(module, line).map(([first, last]) => new Range(first, 0, last, 0));
}

const editorsOf = (uri: Shown['uri']): readonly TextEditor[] =>
  window.visibleTextEditors.filter(({ document }) => document.uri.toString() === uri.toString());
