/**
 * The syntax tree of a `.bilevel` page: what was written, with spans, and nothing about what it means.
 * Every node carries its span; `missing` nodes stand where recovery found nothing, so that there always is a tree.
 */
import type { Span } from '../diagnostics/diagnostic.ts';

export interface Identifier {
  /** Empty where recovery found none; there is an error then. */
  readonly name: string;
  readonly span: Span;
}

// ---- expressions ------------------------------------------------------------------------------------------------

export type BinaryOperator = '^' | '*' | '/' | '@' | '+' | '-' | '<' | '<=' | '>' | '>=' | '==' | '!=' | 'and' | 'or';
export type UnaryOperator = '-' | '+' | 'not';

export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly span: Span }
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  | CallExpression
  | { readonly kind: 'index'; readonly target: Expression; readonly indices: readonly IndexItem[]; readonly span: Span }
  | { readonly kind: 'transposed'; readonly operand: Expression; readonly span: Span }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression; readonly span: Span }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
      readonly span: Span;
    }
  /** `[a, b]` */
  | { readonly kind: 'array'; readonly items: readonly Expression[]; readonly span: Span }
  /** `[body for variable in over]` */
  | {
      readonly kind: 'comprehension';
      readonly body: Expression;
      readonly variable: Identifier;
      readonly over: Iterated;
      readonly span: Span;
    }
  /** `scan (h, c) = (h0, c0) over x in XS { (e1, e2) }`; one state is written without parentheses. */
  | {
      readonly kind: 'scan';
      readonly states: readonly Identifier[];
      readonly starts: readonly Expression[];
      readonly variable: Identifier;
      readonly over: Iterated;
      readonly body: Block;
      readonly span: Span;
    }
  | { readonly kind: 'missing'; readonly span: Span };

export interface CallExpression {
  readonly kind: 'call';
  readonly callee: Identifier;
  readonly positional: readonly Expression[];
  readonly named: readonly NamedArgument[];
  readonly span: Span;
}

export interface NamedArgument {
  readonly name: Identifier;
  readonly value: Expression;
}

/** `a .. b`, both ends included; only in an index, a `for`, `over`, `columns`. */
export interface RangeExpression {
  readonly kind: 'range';
  readonly from: Expression;
  readonly to: Expression;
  readonly span: Span;
}

export type Iterated = Expression | RangeExpression;
export type IndexItem = Expression | RangeExpression | { readonly kind: 'all'; readonly span: Span };

/** `{ let u = …  return v }` of a `fn`, or `{ e }` / `{ (e1, e2) }` of a `scan`; a `fn NAME(…) = EXPR` has no lets and one result. */
export interface Block {
  readonly lets: readonly LetDeclaration[];
  readonly results: readonly Expression[];
  readonly span: Span;
}

// ---- types ------------------------------------------------------------------------------------------------------

export type KindName = 'real' | 'positive' | 'nonnegative' | 'unit' | 'simplex' | 'int';

/** `...s`: any number of dims, under one name. */
export interface RestDims {
  readonly kind: 'rest';
  readonly name: Identifier;
  readonly span: Span;
}

/** A kind, a shape, an interval; each may be left out. `choice(f, g)` is a kind with alternatives and options. */
export interface TypeExpression {
  readonly kindName?: { readonly name: KindName; readonly span: Span };
  readonly choice?: CallExpression;
  /** Dims as written; `[]` and nothing both mean a scalar. */
  readonly shape: readonly (Expression | RestDims)[];
  readonly interval?: { readonly low: Expression; readonly high: Expression; readonly span: Span };
  readonly span: Span;
}

// ---- declarations -----------------------------------------------------------------------------------------------

interface DeclarationBase {
  readonly span: Span;
  /** The text of the `///` lines above it, without the slashes. */
  readonly doc?: string;
}

export type ColumnSelector =
  | { readonly kind: 'header'; readonly name: string; readonly span: Span }
  | { readonly kind: 'position'; readonly index: number; readonly span: Span }
  | { readonly kind: 'range'; readonly from: ColumnSelector; readonly to: ColumnSelector; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly ColumnSelector[]; readonly span: Span };

export interface DataSource {
  readonly file: string;
  readonly fileSpan: Span;
  readonly columns?: ColumnSelector;
  /** `array KEY` of an NPZ or JSON file. */
  readonly array?: Identifier;
}

export interface DimDeclaration extends DeclarationBase {
  readonly kind: 'dim';
  readonly dims: readonly { readonly name: Identifier; readonly value?: Expression }[];
}

export interface DataDeclaration extends DeclarationBase {
  readonly kind: 'data';
  readonly name: Identifier;
  readonly type: TypeExpression;
  readonly from?: DataSource;
}

export interface SplitDeclaration extends DeclarationBase {
  readonly kind: 'split';
  readonly dim: Identifier;
  /** `percent` is 60 for `60%`; a part of a cross-validation has none. */
  readonly parts: readonly { readonly name: Identifier; readonly percent?: number }[];
  readonly by?:
    | { readonly kind: 'folds'; readonly count: Expression; readonly span: Span }
    | { readonly kind: 'groups'; readonly groups: Identifier; readonly span: Span }
    | { readonly kind: 'leave_one_out'; readonly span: Span };
  readonly seed?: Expression;
  readonly unshuffled?: Span;
  readonly stratifiedBy?: Identifier;
}

export interface HyperDeclaration extends DeclarationBase {
  readonly kind: 'hyper';
  readonly name: Identifier;
  readonly type: TypeExpression;
  readonly init?: Expression;
  readonly bySearch?: Span;
}

export interface ParamDeclaration extends DeclarationBase {
  readonly kind: 'param';
  readonly name: Identifier;
  readonly type: TypeExpression;
  readonly init?: Expression;
  readonly distribution?: CallExpression;
}

export interface RandomDeclaration extends DeclarationBase {
  readonly kind: 'random';
  readonly name: Identifier;
  readonly type: TypeExpression;
  readonly distribution: CallExpression;
}

export interface LetDeclaration extends DeclarationBase {
  readonly kind: 'let';
  /** One name; several are in parentheses, one for each result of a function with several. */
  readonly names: readonly Identifier[];
  readonly value: Expression;
}

export interface FnParameter {
  readonly name: Identifier;
  readonly type: TypeExpression;
  /** What it is where a call does not give it. */
  readonly init?: Expression;
}

export interface FnDeclaration extends DeclarationBase {
  readonly kind: 'fn';
  readonly name: Identifier;
  readonly parameters: readonly FnParameter[];
  readonly result: TypeExpression;
  /** True for `= { … return … }`, false for `= EXPR`: the printer keeps the form. */
  readonly isBlock: boolean;
  readonly body: Block;
}

export interface InnerDeclaration extends DeclarationBase {
  readonly kind: 'inner';
  readonly value: Expression;
}

export interface OuterDeclaration extends DeclarationBase {
  readonly kind: 'outer';
  readonly direction: 'minimize' | 'maximize';
  readonly value: Expression;
}

export interface ReportDeclaration extends DeclarationBase {
  readonly kind: 'report';
  readonly name: Identifier;
  readonly value: Expression;
}

/** `solve inner with lbfgs(…)`, `solve outer with …`, `differentiate with …`. */
export interface MethodDeclaration extends DeclarationBase {
  readonly kind: 'solve-inner' | 'solve-outer' | 'differentiate';
  /** A bare `adam` is a call without arguments. */
  readonly method: CallExpression;
}

export type Declaration =
  | DimDeclaration
  | DataDeclaration
  | SplitDeclaration
  | HyperDeclaration
  | ParamDeclaration
  | RandomDeclaration
  | LetDeclaration
  | FnDeclaration
  | InnerDeclaration
  | OuterDeclaration
  | ReportDeclaration
  | MethodDeclaration;

export interface ProblemNode {
  readonly kind: 'problem';
  readonly name: Identifier;
  readonly declarations: readonly Declaration[];
  readonly doc?: string;
  readonly span: Span;
}

export interface ImportNode {
  readonly kind: 'import';
  readonly names: readonly Identifier[];
  readonly path: string;
  readonly pathSpan: Span;
  readonly span: Span;
}

/** A `//` or `/* *\/` comment, kept for the printer; `///` docs live on their declaration. */
export interface Comment {
  readonly text: string;
  readonly span: Span;
}

export interface Page {
  readonly file: string;
  readonly text: string;
  readonly items: readonly (ImportNode | FnDeclaration | ProblemNode)[];
  readonly comments: readonly Comment[];
}
