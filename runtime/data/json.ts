/** Arrays in JSON: numbers nested to any depth, or an object of such arrays, of which a declaration names one. Pure. */
import { dataNotFinite, emptyFile, malformedFile, missingArray, textCell } from '../../diagnostics/data.ts';
import { closestName } from '../tensor.ts';
import { type ArrayOrNot, type ArrayRequest, type DataFile, declaredAt, fitArray, refuse } from './array.ts';
import { type Format, pageInstead } from './format.ts';
import { type BadLeaf, type JsonValue, lineAndColumn, parseJson } from './json-text.ts';

/** Nested lists of numbers, or an object of these (`.json`). */
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
  } else if (array !== undefined) return refuse(missingArray(where, { data, file, key: array, keys: [] }));

  const shape: number[] = [];
  for (let level = value; isList(level);) {
    shape.push(level.length);
    const [first] = level;
    if (first === undefined) return refuse(emptyFile(where, { data, file, headerOnly: false }));
    level = first;
  }
  const leaves: number[] = [];
  const bad: { leaf: BadLeaf; path: readonly number[] }[] = [];
  const irregular = flatten(value, shape, [], leaves, bad);
  if (irregular !== undefined) return refuse(malformedFile(where, { data, file, format: 'an array', reason: irregular }));
  const [first] = bad;
  if (first !== undefined) {
    const at = { ...declaredAt(request), place: { file, ...lineAndColumn(text, first.leaf.offset) } };
    const words = first.path.length === 0 ? 'its value' : `element [${first.path.join(', ')}]`;
    const others = bad.length - 1;
    const column = at.place.column;
    return first.leaf.what === 'text'
      ? refuse(textCell(at, { data, file, row: at.place.line, column, text: first.leaf.text, others, why: words }))
      : refuse(dataNotFinite(at, { data, where: words, value: first.leaf.text, others }));
  }
  return fitArray(request, file, { shape, data: Float64Array.from(leaves) });
}

/** The leaves in C order; in words, where lists of one level have different lengths or depths. */
function flatten(
  value: JsonValue,
  shape: readonly number[],
  path: readonly number[],
  leaves: number[],
  bad: { leaf: BadLeaf; path: readonly number[] }[],
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
