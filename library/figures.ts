/** Numbers and tensors in words for people; what a program reads is written by `json.ts`. */
import type { Tensor } from '../plan/types.ts';

/** Six significant digits, without zeros that say nothing: `0.5`, `1.23457e-8`. */
export function figure(x: number, digits = 6): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'NaN' : x > 0 ? 'infinity' : '-infinity';
  if (x === 0) return '0';
  const size = Math.abs(x);
  return size >= 1e-4 && size < 1e9 ? String(Number(x.toPrecision(digits))) : tidy(x.toExponential(digits - 1));
}

const tidy = (text: string): string =>
  text
    .replace(/(\.\d*?)0+e/u, '$1e')
    .replace('.e', 'e')
    .replace('e+', 'e');

/** Two digits and a word: an error, a difference. */
export const roughly = (x: number): string => (x === 0 ? '0' : Number.isFinite(x) ? tidy(x.toExponential(1)) : figure(x));

/** A share of which the size alone counts: `≈ 9e-16`, `≈ 0.6`. */
export const shareText = (share: number | undefined): string => (share === undefined ? 'unknown' : `≈ ${figure(share, 1)}`);

const shown = 4;

/** A scalar as a number; a vector or matrix as its shape, norm, range and first elements. */
export function summary({ shape, data }: Tensor): string {
  if (shape.length === 0) return figure(data[0] ?? Number.NaN);
  const size = `[${shape.join(' × ')}]`;
  if (data.length === 0) return size;
  if (data.length <= shown) return `${size} ${list(data)}`;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const x of data) {
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  return `${size} norm ${figure(norm(data), 4)}, ${figure(low, 4)} to ${figure(high, 4)}: ${list(data.subarray(0, shown))}, …`;
}

/** The same without range and elements: `[80] norm 4.472`. */
export const brief = (tensor: Tensor): string =>
  tensor.data.length <= shown ? summary(tensor) : `[${tensor.shape.join(' × ')}] norm ${figure(norm(tensor.data), 4)}`;

const list = (data: Float64Array): string => Array.from(data, (x) => figure(x, 4)).join(', ');

/** Euclidean norm, scaled so that it does not overflow. */
export function norm(data: Float64Array): number {
  const scale = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (scale === 0 || !Number.isFinite(scale)) return scale;
  return scale * Math.sqrt(data.reduce((sum, x) => sum + (x / scale) ** 2, 0));
}

/** `1.2 Mflop`, `3.4 GB`: three digits and a prefix of a thousand. */
export function quantity(x: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
  let value = x;
  let prefix = 0;
  while (Math.abs(value) >= 999.5 && prefix < prefixes.length - 1) {
    value /= 1000;
    prefix++;
  }
  const text = String(prefix === 0 && Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
  return `${text} ${prefixes[prefix] ?? ''}${unit}`;
}

/** `1.5 GiB`: memory, by thousands of 1024. */
export function memoryText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power] ?? 'B'}`;
}

/** `28 µs`, `1.3 ms`, `2.4 s`: what a computation takes; nothing where it is not known. */
export function timeText(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '';
  if (milliseconds >= 1000) return duration(milliseconds);
  return milliseconds >= 1 ? `${figure(milliseconds, 3)} ms` : `${figure(milliseconds * 1000, 3)} µs`;
}

/** `85 ms`, `2.4 s`, `3 min 05 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
