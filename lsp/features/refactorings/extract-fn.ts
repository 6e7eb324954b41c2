/** A selected expression becomes the body of a function; what it speaks of becomes its parameters, with the shapes that these have. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import { printType } from '../../../compiler/check/types.ts';
import { namesOf } from '../../../compiler/ir/dims.ts';
import type { TensorType } from '../../../compiler/ir/graph.ts';
import type { DeclaredName } from '../../../grammar/names.ts';
import { typeAt, type Analysis } from '../../analysis.ts';
import type { Rewriter } from '../code-actions.ts';
import { freeIn, freshName, proposedName, speaksOfStep } from './scopes.ts';
import { selected, type Selected } from './selected.ts';
import { before, replacement, settled, textOf } from './writing.ts';

export const extractFn: Rewriter = (analysis, at) => {
  const found = selected(analysis, at);
  if (found === undefined || speaksOfStep(analysis, found.span) || found.type.dtype === 'bool') return [];
  const parameters = parametersOf(analysis, found);
  if (parameters === undefined || !dimsAreKnown(found, parameters, analysis)) return [];
  const page = analysis.parsed().value;
  const name = freshName(analysis, proposedName(found.expression));
  const head = parameters.map((each) => `${each.name}: ${typeText(each.type)}`).join(', ');
  const written = `fn ${name}(${head}): ${typeText(found.type)} = ${textOf(page, found.content)}`;
  const call = `${name}(${parameters.map((each) => each.name).join(', ')})`;
  const edits = [before(page, found.statement, written), replacement(found.span, call)];
  return [{ title: 'Extract to a function', kind: CodeActionKind.RefactorExtract, edits: settled(page, edits) }];
};

interface Parameter {
  readonly name: string;
  readonly type: TensorType;
}

const typeText = ({ dtype, shape }: TensorType): string => printType(dtype === 'int' ? 'int' : 'real', shape);

/** All that has a value, so that the function can be called with others; nothing where one of them cannot be given. */
function parametersOf(analysis: Analysis, { span }: Selected): readonly Parameter[] | undefined {
  const found = new Map<DeclaredName, Parameter>();
  for (const use of freeIn(analysis, span)) {
    const { of } = use;
    if (of === undefined || !isValue(of) || found.has(of)) continue;
    const type = typeAt(analysis, use.span);
    if (type === undefined || type.dtype === 'bool' || [...found.values()].some(({ name }) => name === use.name)) return undefined;
    found.set(of, { name: use.name, type });
  }
  return [...found.values()];
}

function isValue(declared: DeclaredName): boolean {
  switch (declared.kind) {
    case 'data':
    case 'param':
    case 'random':
    case 'let':
    case 'parameter':
    case 'state':
    case 'loop-variable':
      return true;
    case 'hyper':
      return declared.node.type.choice === undefined;
    default:
      return false;
  }
}

/** Dims of the problem can be seen; each of the function's own must stand alone in one of its parameters, and be one dim. */
function dimsAreKnown({ span, statement, type }: Selected, parameters: readonly Parameter[], analysis: Analysis): boolean {
  const { declared } = analysis.names();
  if (declared.some((each) => each.kind === 'rest' && each.fn === statement.node)) return false;
  const isProblems = (name: string): boolean =>
    statement.problem !== undefined &&
    declared.some(
      (each) =>
        (each.kind === 'dim' || each.kind === 'index-set') && each.name === name && each.scope.start === statement.problem?.span.start,
    );
  const spoken = freeIn(analysis, span).flatMap(({ name, of }) => (of?.kind === 'own-dim' ? [name] : []));
  const shapes = [type, ...parameters.map((each) => each.type)].flatMap(({ shape }) => shape.flatMap(namesOf));
  const alone = new Set(parameters.flatMap((each) => each.type.shape.map(({ key }) => key)));
  return [...spoken, ...shapes].every((name) => isProblems(name) || alone.has(name));
}
