/**
 * Dims from expressions: polynomials in dims with whole coefficients (sizes), or with any coefficients (bounds of an interval).
 * Purely syntactic, so that a type can be read before anything has a value.
 */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { bySearch, notADim, unknownDim } from '../../diagnostics/names.ts';
import type { Expression } from '../../grammar/ast.ts';
import { closest } from '../../grammar/spelling.ts';
import { add, literal, multiply, number, scale, subtract, type Dim } from '../ir/dims.ts';
import { declaring } from './home.ts';
import { isDimLike, type Binding, type Scope } from './scope.ts';

export interface SizeReader {
  readonly report: (diagnostic: Diagnostic) => void;
  readonly scope: Scope;
  /** The meaning of a name that the scope does not know; by default it is reported. A `fn` makes it a dim of its own. */
  readonly unknown?: (name: string) => Dim | undefined;
  /** `...s` may stand in a shape. */
  readonly takesRest?: boolean;
  /** Bounds may be fractions. */
  readonly fractions?: boolean;
}

/** The polynomial that an expression is; `undefined` after a report. */
export function readSize(expression: Expression, reader: SizeReader): Dim | undefined {
  const { report, scope } = reader;
  const refuse = (what: string, hints: readonly string[] = []): undefined => {
    report(
      notADim(
        { span: expression.span, hints },
        { what, ...(reader.fractions === true ? { place: 'a number or arithmetic in dims' } : {}) },
      ),
    );
    return undefined;
  };
  switch (expression.kind) {
    case 'missing':
      return undefined;
    case 'number':
      return Number.isInteger(expression.value) || reader.fractions === true ? number(expression.value) : refuse(expression.text);
    case 'name': {
      const binding = scope.lookup(expression.name);
      if (binding === undefined) {
        if (reader.unknown !== undefined) return reader.unknown(expression.name);
        report(
          unknownDim(
            { span: expression.span },
            {
              name: expression.name,
              suggestion: closest(expression.name, scope.names(isDimLike)),
              declaration: declaring(scope.home, `dim ${expression.name}`),
            },
          ),
        );
        return undefined;
      }
      return (
        sizeOfBinding(binding) ??
        (binding.kind === 'broken'
          ? undefined
          : refuse(`\`${expression.name}\`, ${describeBinding(binding)},`, hintsFor(expression.name, binding)))
      );
    }
    case 'unary': {
      const operand = readSize(expression.operand, reader);
      if (operand === undefined) return undefined;
      if (expression.operator === '-') return scale(operand, -1);
      return expression.operator === '+' ? operand : refuse('this');
    }
    case 'binary':
      return readArithmetic(expression, reader, refuse);
    default:
      return refuse('this');
  }
}

const hintsFor = (name: string, binding: Binding): readonly string[] =>
  binding.kind === 'value' && binding.isRelaxed === true ? [bySearch(name)] : [];

function readArithmetic(
  expression: Extract<Expression, { kind: 'binary' }>,
  reader: SizeReader,
  refuse: (what: string) => undefined,
): Dim | undefined {
  const left = readSize(expression.left, reader);
  const right = readSize(expression.right, reader);
  if (left === undefined || right === undefined) return undefined;
  const combined = combineSizes(expression.operator, left, right, reader.fractions === true);
  return combined ?? refuse('this');
}

/** The sum, difference, product or whole power of two polynomials; `undefined` where that is not a polynomial. */
export function combineSizes(operator: string, left: Dim, right: Dim, fractions: boolean): Dim | undefined {
  const by = literal(right);
  switch (operator) {
    case '+':
      return add(left, right);
    case '-':
      return subtract(left, right);
    case '*':
      return multiply(left, right);
    case '/':
      return fractions && by !== undefined && by !== 0 ? scale(left, 1 / by) : undefined;
    case '^': {
      if (by === undefined || !Number.isInteger(by) || by < 0 || by > 8) {
        const base = literal(left);
        return fractions && base !== undefined && by !== undefined ? number(base ** by) : undefined;
      }
      return multiply(...Array.from({ length: by }, () => left));
    }
    default:
      return undefined;
  }
}

export const sizeOfBinding = (binding: Binding): Dim | undefined =>
  binding.kind === 'dim' || binding.kind === 'set' ? binding.dim : undefined;

export function describeBinding(binding: Binding): string {
  switch (binding.kind) {
    case 'dim':
      return 'a dim';
    case 'set':
      return 'an index set';
    case 'value':
      return binding.what;
    case 'fn':
      return 'a function';
    case 'choice':
      return 'a choice between functions';
    case 'broken':
      return 'a declaration with a mistake';
  }
}
