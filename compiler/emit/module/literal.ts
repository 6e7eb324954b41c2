/** Plain data as source text: short values on one line, long ones a member a line. Deterministic. */

const width = 120;
const identifier = /^[A-Za-z_$][\w$]*$/u;

/** A JavaScript expression for data of numbers, strings, booleans, null, arrays and objects; NaN and infinities by name. */
export function printLiteral(value: unknown, indent = 0): string {
  const flat = printFlat(value);
  if (indent + flat.length <= width || typeof value !== 'object' || value === null) return flat;
  const inside = ' '.repeat(indent + 2);
  const end = ' '.repeat(indent);
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item === 'number')) return `[\n${wrapped(value.map(printFlat), indent + 2)}${end}]`;
    return `[\n${value.map((item) => `${inside}${printLiteral(item, indent + 2)},\n`).join('')}${end}]`;
  }
  const members = membersOf(value).map(([key, item]) => `${inside}${printKey(key)}: ${printLiteral(item, indent + 2)},\n`);
  return `{\n${members.join('')}${end}}`;
}

function printFlat(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(printFlat).join(', ')}]`;
  const members = membersOf(value);
  return members.length === 0 ? '{}' : `{ ${members.map(([key, item]) => `${printKey(key)}: ${printFlat(item)}`).join(', ')} }`;
}

const membersOf = (value: object): readonly [string, unknown][] => Object.entries(value).filter(([, item]) => item !== undefined);
export const printKey = (key: string): string => (identifier.test(key) ? key : quoted(key));

/** In single quotes; what a line or a quote would break is escaped as in JSON. */
const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;

/** Words on lines of the width, each followed by a comma. */
function wrapped(words: readonly string[], indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && indent + line.length + word.length + 2 > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? `${word},` : ` ${word},`;
  }
  if (line !== '') lines.push(line);
  return lines.map((text) => `${' '.repeat(indent)}${text}\n`).join('');
}
