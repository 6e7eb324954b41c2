/** What a page asks of sizes and positions, found wrong with the data that it is bound to (BL6xxx). Knows sizes, never how they are fixed. */
import { defineDiagnostic } from './diagnostic.ts';

const quote = (name: string): string => `\`${name}\``;

/** Ends of a range as the page writes them, each with its value. */
interface End {
  readonly text: string;
  readonly value: number;
}

const endText = ({ text, value }: End): string => (text === String(value) ? text : `${quote(text)} = ${value}`);

export const sizeBeyondData = /* @__PURE__ */ defineDiagnostic<{
  /** Absent where `to` is a size. */
  from?: End | undefined;
  to: End;
  of?: End | undefined;
  /** The names that they speak of, with their sizes. */
  sizes: readonly { name: string; size: number }[];
  /** The least size of the only one of them at which all is well. */
  least?: number | undefined;
}>(
  {
    code: 'BL6028',
    slug: 'size-beyond-data',
    severity: 'error',
  },
  {
    message: ({ from, to, of, sizes }) => {
      const given = sizes.map(({ name, size }) => `${quote(name)} is ${size}`).join(' and ');
      const where = given === '' ? '' : `, where ${given}`;
      if (from === undefined) return `the size ${endText(to)} is less than 1${where}`;
      if (to.value < from.value) return `the range from ${endText(from)} to ${endText(to)} is empty${where}`;
      const what = from.text === to.text ? `position ${endText(to)}` : `the range from ${endText(from)} to ${endText(to)}`;
      const positions = of?.value === 1 ? 'only position is 0' : `positions are 0 to ${(of?.value ?? 0) - 1}`;
      const axis = of === undefined ? '' : ` of an axis of ${of.value}, whose ${positions}`;
      return `${what} reaches out${axis}${where}`;
    },
    hints: ({ sizes: [only], least }) => [
      least === undefined || only === undefined
        ? 'bind data of other sizes, or write positions that they have'
        : `it needs ${quote(only.name)} to be at least ${least}: bind more data, or write positions that these have`,
    ],
  },
);

export const positionBeyondData = /* @__PURE__ */ defineDiagnostic<{
  data: string;
  where: string;
  value: number;
  others: number;
  of: End;
  isFromOne: boolean;
  isText: boolean;
}>(
  {
    code: 'BL6029',
    slug: 'position-beyond-data',
    severity: 'error',
  },
  {
    message: ({ data, where, value, others, of }) =>
      `${quote(data)} is used as positions or labels among ${endText(of)}, which are 0 to ${of.value - 1}, but ${where} is ${value}` +
      (others === 0 ? '' : `; ${others} such ${others === 1 ? 'value' : 'values'} more`),
    hints: ({ data, of, isFromOne, isText }) =>
      isFromOne
        ? [`these seem to be counted from 1, and positions are counted from 0: write \`${data} - 1\` in the place of \`${data}\``]
        : isText
          ? [`its words are numbered from 0: there are more of them than ${of.value}`]
          : [
              `declare \`${data}\` with \`in [0, ${/^[^\d\W]\w*$/u.test(of.text) ? `${of.text} - 1` : of.value - 1}]\`, and correct the data or the size`,
            ],
  },
);
