/** What may stand at a place: on whole pages, what does stand there, also where the page ends right behind it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { namesOf, type UsedName } from '../../grammar/names.ts';
import { parse } from '../../grammar/parse.ts';
import { placeAt, type Offer } from '../../grammar/place.ts';
import { examples } from '../helpers/examples.ts';

/** What a name of this use is offered as. */
const offeredAs: Readonly<Record<UsedName['as'], readonly Offer['kind'][]>> = {
  value: ['value', 'set', 'function'],
  call: ['value', 'function'],
  dim: ['dim', 'value'],
  argument: ['argument'],
};

describe('a place on a page', () => {
  it.each(examples)('$name takes every name that stands there', ({ page: file }) => {
    const text = readFileSync(file, 'utf8');
    const missed: string[] = [];
    for (const { name, span, as } of namesOf(parse(text, file).value).used) {
      // Words such as `cg` are values of options.
      for (const written of [text, text.slice(0, span.end)]) {
        const kinds = placeAt(written, span.end)?.offers.map(({ kind }) => kind) ?? [];
        if (!kinds.some((kind) => offeredAs[as].includes(kind))) missed.push(`${name} as ${as}, by ${kinds.join() || 'nothing'}`);
      }
    }
    expect(missed).toEqual([]);
  });

  it('is known of any text, at any offset', () => {
    const text = readFileSync(examples[0]?.page ?? '', 'utf8');
    for (let offset = 0; offset <= text.length; offset += 5) {
      placeAt(text, offset);
      const place = placeAt(text.slice(offset), 3);
      expect(place === undefined || place.start <= place.end).toBe(true);
    }
    for (const strange of ['"', "'", '/*', '}', ')))', '(((', '#', '1.', 'let let let', '{ } {', '…', 'a..b', ''])
      for (let offset = 0; offset <= strange.length; offset++) placeAt(strange, offset);
  });
});
