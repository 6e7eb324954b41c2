/** The dims of a problem: which names there are, and which of them have a value. */
import type { Diagnostic, Span } from '../../diagnostics/diagnostic.ts';
import { badDim, duplicateName } from '../../diagnostics/names.ts';
import type { DimDeclaration, Expression, Identifier } from '../../grammar/ast.ts';
import { evaluate, literal, symbol, type Dim } from '../ir/dims.ts';
import type { DimInfo } from '../program.ts';
import { Scope } from './scope.ts';
import { readSize } from './sizes.ts';

export interface Dims {
  readonly infos: readonly DimInfo[];
  readonly fixed: ReadonlyMap<string, number>;
  /** What each name means: itself, or arithmetic in other dims. Absent where there was a mistake. */
  readonly meaning: ReadonlyMap<string, Dim>;
  readonly declared: ReadonlyMap<string, Span>;
}

/**
 * Reads all `dim` declarations, which may stand in any order. A dim without a value, or with a number as its value, is a name of
 * its own; one that is arithmetic in others (`dim u = 2 * d`) is another way of writing that.
 */
export function readDims(declarations: readonly DimDeclaration[], report: (diagnostic: Diagnostic) => void): Dims {
  const written = new Map<string, { name: Identifier; value?: Expression }>();
  for (const dim of declarations.flatMap((d) => d.dims)) {
    const before = written.get(dim.name.name);
    if (before === undefined) written.set(dim.name.name, dim);
    else
      report(
        duplicateName(
          { span: dim.name.span, labels: [{ span: before.name.span, message: 'first here' }] },
          { name: dim.name.name, what: 'the dim' },
        ),
      );
  }
  const scope = new Scope();
  const fixed = new Map<string, number>();
  const meaning = new Map<string, Dim>();
  const states = new Map<string, 'running' | 'done'>();

  const read = (name: Identifier, value: Expression): Dim | undefined => {
    const size = readSize(value, { report, scope });
    if (size === undefined) return undefined;
    const known = evaluate(size, fixed);
    if (known !== undefined && known < 1) {
      report(badDim({ span: value.span }, { name: name.name, because: `is ${known}; a dim is at least 1` }));
      return undefined;
    }
    if (known !== undefined) fixed.set(name.name, known);
    return literal(size) === undefined ? size : symbol(name.name);
  };
  const resolve = ({ name, value }: { name: Identifier; value?: Expression }): void => {
    const state = states.get(name.name);
    if (state === 'running') {
      report(badDim({ span: name.span }, { name: name.name, because: 'is defined by itself' }));
      scope.declare(name.name, { kind: 'broken', span: name.span });
    }
    if (state !== undefined) return;
    states.set(name.name, 'running');
    for (const other of namesIn(value)) {
      const dim = written.get(other);
      if (dim !== undefined) resolve(dim);
    }
    const size = value === undefined ? symbol(name.name) : read(name, value);
    scope.declare(name.name, size === undefined ? { kind: 'broken', span: name.span } : { kind: 'dim', dim: size, span: name.span });
    if (size !== undefined) meaning.set(name.name, size);
    states.set(name.name, 'done');
  };
  for (const dim of written.values()) resolve(dim);

  const infos = [...written.values()].flatMap(({ name }): DimInfo[] => {
    const value = fixed.get(name.name);
    const size = meaning.get(name.name);
    if (size === undefined || (size.key !== name.name && value === undefined)) return [];
    return [{ name: name.name, span: name.span, ...(value === undefined ? {} : { fixed: value }) }];
  });
  return { infos, fixed, meaning, declared: new Map([...written].map(([name, dim]) => [name, dim.name.span])) };
}

function namesIn(expression: Expression | undefined): readonly string[] {
  switch (expression?.kind) {
    case 'name':
      return [expression.name];
    case 'unary':
      return namesIn(expression.operand);
    case 'binary':
      return [...namesIn(expression.left), ...namesIn(expression.right)];
    default:
      return [];
  }
}
