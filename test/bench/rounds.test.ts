/** Which rounds of a measurement count, and who is asked once more. */
import { describe, expect, it } from 'vitest';
import { byRounds, type Round, timingOf } from '../../bench/rounds.ts';

const round = (ms: number, cores = 1): Round => ({ times: [ms, ms, ms * 1.01], cores });

describe('a figure', () => {
  it.each([
    ['of three that agree', [round(10), round(10.5), round(9.8)], { medianMs: 10, minMs: 9.8, samples: 9 }],
    ['leaves a slow round out', [round(10), round(16), round(10.2), round(9.9)], { medianMs: 10, samples: 9 }],
    ['leaves out who had to wait', [round(5, 0.5), round(10), round(10), round(10)], { medianMs: 10, samples: 9 }],
    ['of who always had to wait is doubtful', [round(10, 0.5), round(10, 0.6)], { medianMs: 10, cores: 0.5, doubtful: true }],
    ['that no second round confirms is doubtful', [round(10), round(20), round(20)], { medianMs: 10, doubtful: true }],
    ['of one slow round is what it is', [round(5000)], { medianMs: 5000 }],
  ])('%s', (_, rounds, expected) => {
    const timing = timingOf(rounds);
    expect(timing).toMatchObject(expected);
    expect(timing.doubtful).toBe('doubtful' in expected ? true : undefined);
  });
});

describe('rounds over all', () => {
  it('ask again whose rounds do not agree, and those who left never', async () => {
    const paces: Readonly<Record<string, (n: number) => number>> = {
      steady: () => 10,
      disturbed: (n) => (n === 0 ? 20 : n === 1 ? 10 : 10.1),
      restless: (n) => 10 * 2 ** n,
      slow: () => 5000,
    };
    const taken = new Map<string, Round[]>([...Object.keys(paces), 'gone'].map((name) => [name, []]));
    const order: string[] = [];
    await byRounds(
      [...taken.keys()],
      (name) => (name === 'gone' ? undefined : taken.get(name)),
      (name) => {
        const rounds = taken.get(name) ?? [];
        rounds.push(round(paces[name]?.(rounds.length) ?? NaN));
        order.push(name);
      },
      { slowMs: 3000, pauseMs: 0 },
    );
    expect([...taken].map(([name, rounds]) => [name, rounds.length])).toEqual([
      ['steady', 3],
      ['disturbed', 4],
      ['restless', 9],
      ['slow', 1],
      ['gone', 0],
    ]);
    expect(order.slice(0, 6)).toEqual(['steady', 'disturbed', 'restless', 'slow', 'steady', 'disturbed']);
  });
});
