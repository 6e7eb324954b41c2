/**
 * NumPy’s array file, versions 1 to 3: floats of 4 and 8 bytes, integers of 1 to 8, booleans, either byte order, C and Fortran order. Pure.
 * Source: NumPy enhancement proposal 1, "A simple file format for NumPy arrays".
 */
import { arrayType, emptyFile, malformedFile } from '../../diagnostics/data.ts';
import type { Tensor } from '../../plan/types.ts';
import { sizeOf } from '../tensor.ts';
import { type ArrayOrNot, type ArrayRequest, declaredAt, fitArray, refuse } from './array.ts';

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

export function readNpy(bytes: Uint8Array, request: ArrayRequest, file: string): ArrayOrNot {
  const { data } = request;
  const where = { ...declaredAt(request), place: { file } };
  const malformed = (reason: string): ArrayOrNot => refuse(malformedFile(where, { data, file, format: 'NPY', reason }));
  const header = readHeader(bytes);
  if (typeof header === 'string') return malformed(header);
  const { descr, shape, dataOffset, fortran } = header;
  const element = elementOf(descr);
  if (element === undefined) {
    const reason = 'floats of 4 or 8 bytes, integers of 1 to 8 bytes and booleans are read';
    return refuse(arrayType(where, { data, file, dtype: descr, reason }));
  }
  const count = sizeOf(shape);
  if (count === 0) return refuse(emptyFile(where, { data, file, headerOnly: false }));
  const expected = dataOffset + count * element.bytes;
  if (bytes.byteLength < expected) return malformed(`it ends after ${bytes.byteLength} bytes, where its header promises ${expected}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Float64Array.from({ length: count }, (_, i) => element.read(view, dataOffset + i * element.bytes));
  const tooLarge = element.isExact ? -1 : values.findIndex((x) => !Number.isSafeInteger(x));
  if (tooLarge >= 0)
    return refuse(
      arrayType(where, { data, file, dtype: descr, reason: 'an element is an integer beyond 2^53, which a float64 does not hold exactly' }),
    );
  const tensor: Tensor = { shape, data: fortran ? toRowMajor(values, shape) : values };
  return fitArray(request, file, tensor);
}

/** The header, or what is wrong with it. */
function readHeader(bytes: Uint8Array): Header | string {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.byteLength < 10 || magic.some((b, i) => bytes[i] !== b)) return 'it does not begin as an NPY file does';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) return `its version is ${version}; 1 to 3 are known`;
  if (version > 1 && bytes.byteLength < 12) return 'it ends inside its header';
  const [start, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const dataOffset = start + length;
  if (bytes.byteLength < dataOffset) return 'it ends inside its header';
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, dataOffset));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shapeText = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (order === undefined || shapeText === undefined) return 'its header names no shape or no order';
  const shape = shapeText
    .split(',')
    .map((s) => s.trim().replace(/L$/, ''))
    .filter((s) => s !== '')
    .map(Number);
  if (shape.some((s) => !Number.isInteger(s) || s < 0)) return `its shape (${shapeText}) is not one`;
  return { descr: descr ?? 'a record', fortran: order === 'True', shape, dataOffset };
}

interface Element {
  readonly bytes: number;
  /** Whether every value is a float64. */
  readonly isExact: boolean;
  readonly read: (view: DataView, offset: number) => number;
}

function elementOf(descr: string): Element | undefined {
  const parts = /^([<>|=]?)([fiub])(\d+)$/.exec(descr);
  const [, order, type, size] = parts ?? [];
  if (order === undefined || type === undefined || size === undefined) return undefined;
  // `=` is the order of the machine that wrote it, nearly always little; files rarely have it.
  const little = order !== '>';
  const read = readers[`${type}${size}`];
  return read === undefined
    ? undefined
    : { bytes: Number(size), isExact: !(size === '8' && type !== 'f'), read: (view, offset) => read(view, offset, little) };
}

const readers: Readonly<Record<string, (view: DataView, offset: number, little: boolean) => number>> = {
  f4: (view, offset, little) => view.getFloat32(offset, little),
  f8: (view, offset, little) => view.getFloat64(offset, little),
  i1: (view, offset) => view.getInt8(offset),
  i2: (view, offset, little) => view.getInt16(offset, little),
  i4: (view, offset, little) => view.getInt32(offset, little),
  i8: (view, offset, little) => Number(view.getBigInt64(offset, little)),
  u1: (view, offset) => view.getUint8(offset),
  u2: (view, offset, little) => view.getUint16(offset, little),
  u4: (view, offset, little) => view.getUint32(offset, little),
  u8: (view, offset, little) => Number(view.getBigUint64(offset, little)),
  b1: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1),
};

/** Fortran order keeps the first index fastest. */
function toRowMajor(values: Float64Array, shape: readonly number[]): Float64Array {
  const result = new Float64Array(values.length);
  const indices = shape.map(() => 0);
  for (const value of values) {
    const flat = indices.reduce((at, index, axis) => at * (shape[axis] ?? 1) + index, 0);
    result[flat] = value;
    for (let axis = 0; axis < shape.length; axis += 1) {
      const next = (indices[axis] ?? 0) + 1;
      indices[axis] = next === shape[axis] ? 0 : next;
      if (next !== shape[axis]) break;
    }
  }
  return result;
}
