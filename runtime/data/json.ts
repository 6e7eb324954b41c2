/** Arrays in JSON: numbers, or words, nested to any depth, or an object of such arrays, of which a declaration names one. Pure. */
import { dataNotFinite, emptyFile, malformedFile, missingArray, textCell } from '../../diagnostics/data.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { closestName, printType } from '../tensor.ts';
import { type ArrayOrNot, type ArrayRequest, type DataFile, declaredAt, fitArray, refuse } from './array.ts';
import { type Format, pageInstead } from './format.ts';
import { encode, labelled, isNumber, isWord } from './labels.ts';
import { type BadLeaf, type JsonValue, lineAndColumn, parseJson } from './json-text.ts';

/** Nested lists of numbers or of words, or an object of these (`.json`). */
export const json: Format = { endings: ['.json'], open: openJson };

function openJson(bytes: Uint8Array, file: string): DataFile {
  const text = new TextDecoder().decode(bytes);
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const place = { file, ...lineAndColumn(text, parsed.offset) };
    const reason = pageInstead(text) ?? parsed.reason;
    return {
      read: (request) => refuse(malformedFile({ ...declaredAt(request), place }, { data: request.data, file, format: 'JSON', reason })),
    };
  }
  return { read: (request) => readValue(parsed.value, request, file, text) };
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
const isMap = (value: JsonValue): value is ReadonlyMap<string, JsonValue> => value instanceof Map;

function readValue(root: JsonValue, request: ArrayRequest, file: string, text: string): ArrayOrNot {
  const { data, array } = request;
  const where = { ...declaredAt(request), place: { file } };
  let value = root;
  let name = array;
  if (isMap(root)) {
    const keys = [...root.keys()];
    const [only] = keys;
    const key = array ?? (keys.length === 1 ? only : undefined);
    const named = key === undefined ? undefined : root.get(key);
    if (named === undefined)
      return refuse(
        missingArray(where, { data, file, key: array, keys, closest: array === undefined ? undefined : closestName(array, keys) }),
      );
    value = named;
    name = key;
  } else if (array !== undefined) return refuse(missingArray(where, { data, file, key: array, keys: [] }));

  const shape: number[] = [];
  for (let level = value; isList(level);) {
    shape.push(level.length);
    const [first] = level;
    if (first === undefined) return refuse(emptyFile(where, { data, file, headerOnly: false }));
    level = first;
  }
  const leaves: number[] = [];
  const bad: Misplaced[] = [];
  const irregular = flatten(value, shape, [], leaves, bad);
  if (irregular !== undefined) return refuse(malformedFile(where, { data, file, format: 'an array', reason: irregular }));
  const words = request.kind === 'int' ? wordsOf(bad, leaves.length) : undefined;
  if (words !== undefined) {
    const { values, labels } = encode(words);
    const fitted = fitArray(request, file, { shape, data: values });
    return fitted.ok ? { ok: true, array: { ...fitted.array, ...labelled(file, labels, name) } } : fitted;
  }
  const problem = leafProblem(request, file, text, bad, leaves.length);
  return problem === undefined ? fitArray(request, file, { shape, data: Float64Array.from(leaves) }) : refuse(problem);
}

interface Misplaced {
  readonly leaf: BadLeaf;
  readonly path: readonly number[];
}

/** The leaves, where every one of them is a word. */
const wordsOf = (bad: readonly Misplaced[], leaves: number): readonly string[] | undefined =>
  bad.length === leaves && bad.every(({ leaf }) => isText(leaf) && isWord(leaf.text)) ? bad.map(({ leaf }) => leaf.text) : undefined;

const isText = ({ what }: BadLeaf): boolean => what === 'text';

/** What is wrong with the first leaf that is no number; of text with gaps, the first gap. */
function leafProblem(request: ArrayRequest, file: string, text: string, bad: readonly Misplaced[], leaves: number): Diagnostic | undefined {
  const { data, kind, shape } = request;
  const isWhole = bad.length === leaves && bad.some(({ leaf }) => isText(leaf));
  const gaps = isWhole && kind === 'int' ? bad.filter(({ leaf }) => leaf.what === 'missing' || leaf.what === 'not-finite') : [];
  const shown = gaps.length > 0 ? gaps : bad;
  const [first] = shown;
  if (first === undefined) return undefined;
  const { leaf, path } = first;
  const place = { file, ...lineAndColumn(text, leaf.offset) };
  const at = { ...declaredAt(request), place };
  const where = path.length === 0 ? 'its value' : `element [${path.join(', ')}]`;
  const others = shown.length - 1;
  if (leaf.what === 'missing' || leaf.what === 'not-finite') return dataNotFinite(at, { data, where, value: leaf.text, others });
  const why = isText(leaf) && isNumber(leaf.text) ? `${where}, text that reads as a number` : where;
  const offer = isWhole && kind === 'real' && bad.every(({ leaf: each }) => isText(each)) ? printType({ kind: 'int', shape }) : undefined;
  return textCell(at, { data, file, row: place.line, column: place.column, text: leaf.text, others, why, offer });
}

/** The leaves in C order; in words, where lists of one level have different lengths or depths. */
function flatten(
  value: JsonValue,
  shape: readonly number[],
  path: readonly number[],
  leaves: number[],
  bad: Misplaced[],
): string | undefined {
  const at = path.length === 0 ? 'it' : `element [${path.join(', ')}]`;
  const expected = shape[path.length];
  if (isMap(value)) return `${at} is an object`;
  if (!isList(value)) {
    if (expected !== undefined) return `${at} is a single value where a list of ${expected} is expected`;
    if (typeof value === 'number') leaves.push(value);
    else {
      leaves.push(Number.NaN);
      bad.push({ leaf: value, path });
    }
    return undefined;
  }
  if (expected === undefined) return `${at} is a list where a number is expected`;
  if (value.length !== expected) return `${at} is a list of ${value.length} where one of ${expected} is expected`;
  for (const [i, item] of value.entries()) {
    const problem = flatten(item, shape, [...path, i], leaves, bad);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
