/** What every reader of data gives: a tensor whose every element still knows where it came from. Knows no format. */
import { wrongRank } from '../../diagnostics/data.ts';
import type { DataPlace, Diagnostic, Where } from '../../diagnostics/diagnostic.ts';
import type { Column, Expr, Kind, SourceSpan, Tensor } from '../../plan/types.ts';
import { indexText, printDeclaredShape, sizeOf } from '../tensor.ts';

/** What a data declaration asks of a file. */
export interface ArrayRequest {
  readonly data: string;
  readonly kind: Kind;
  readonly shape: readonly Expr[];
  readonly columns?: readonly Column[];
  /** The key of an NPZ file or a JSON object. */
  readonly array?: string;
  /** Of the declaration; absent when a caller gave the file. */
  readonly span?: SourceSpan;
}

export interface Located {
  /** `row 3, column 2 (age)`, `element [2, 1]`. */
  readonly words: string;
  readonly place: DataPlace;
}

/** Data of a type whose numbers are within an interval. */
export interface DeclaredInterval {
  readonly data: string;
  readonly type: string;
  readonly low: number;
  readonly high: number;
}

export interface DataArray {
  readonly tensor: Tensor;
  readonly locate: (flat: number) => Located;
  /** The file, or what else it came from, in words. */
  readonly source: string;
  /** Of encoded text: what each number stands for. */
  readonly labels?: readonly string[];
  /** Why encoded text does not fit into an interval, if it does not. */
  readonly misfit?: (declared: DeclaredInterval, where: Where) => Diagnostic | undefined;
  /** Of its column, or its key, where it has one: text under one name is numbered alike in all files. */
  readonly name?: string | undefined;
}

/** The source of what comes from no file. */
export const givenValue = 'the given value';

export type ArrayOrNot =
  { readonly ok: true; readonly array: DataArray } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A file that is open: asked once for each data that it holds. */
export interface DataFile {
  read(request: ArrayRequest): ArrayOrNot | Promise<ArrayOrNot>;
}

export const refuse = (...diagnostics: readonly Diagnostic[]): ArrayOrNot => ({ ok: false, diagnostics });

/** The declaration as a label of a diagnostic whose place is in a data file. */
export const declaredAt = ({ span, data }: ArrayRequest): { labels: readonly { span: SourceSpan; message: string }[] } => ({
  labels: span === undefined ? [] : [{ span, message: `\`${data}\` is declared here` }],
});

/** An array of a file that keeps shapes, checked for the declared rank; a single element of any rank is a scalar. */
export function fitArray(request: ArrayRequest, file: string, tensor: Tensor): ArrayOrNot {
  const rank = request.shape.length;
  const isScalar = rank === 0 && sizeOf(tensor.shape) === 1;
  if (tensor.shape.length !== rank && !isScalar) {
    const declared = printDeclaredShape(request.shape);
    const what = request.array === undefined ? 'the array' : `the array \`${request.array}\``;
    return refuse(
      wrongRank({ ...declaredAt(request), place: { file } }, { data: request.data, declared, file, actual: tensor.shape, what }),
    );
  }
  const fitted = isScalar ? { shape: [], data: tensor.data } : tensor;
  const locate = (flat: number): Located => ({
    words: fitted.shape.length === 0 ? 'its value' : `element ${indexText(flat, fitted.shape)}`,
    place: { file },
  });
  return { ok: true, array: { tensor: fitted, locate, source: file } };
}
