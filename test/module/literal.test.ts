/** Literals are read back as what was printed, whatever is in them. */
import { runInThisContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printLiteral } from '../../compiler/emit/module/literal.ts';

const key = fc.string().filter((name) => name !== '__proto__');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(fc.double(), fc.string({ unit: 'binary' }), fc.boolean(), fc.constant(null), tie('list'), tie('object')),
  list: fc.oneof(fc.array(tie('value')), fc.array(fc.double())),
  object: fc.dictionary(key, tie('value'), { noNullPrototype: true }),
}));

it('of numbers, texts, lists and objects', () => {
  fc.assert(
    fc.property(value, fc.nat(8), (data, indent) => {
      const read: unknown = runInThisContext(`(${printLiteral(data, indent)})`);
      expect(read).toStrictEqual(data);
    }),
    { seed: 4, numRuns: 2000 },
  );
});
