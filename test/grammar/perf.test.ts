import { it, expect } from 'vitest';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print-ast.ts';
import { lex } from '../../grammar/tokens.ts';
import { adopt } from '../../grammar/habits.ts';
import { outline } from '../../grammar/outline.ts';
import { readPage } from '../../grammar/parser.ts';
import { constructs } from './corpus.ts';
it('perf', () => {
  const ridge = print(parse(constructs['ridge'] ?? '', 'f').value);
  const text = Array.from({ length: 30 }, () => ridge).join('\n');
  console.log('lines', text.split('\n').length, 'tokens', lex(text).tokens.length);
  const time = (name: string, f: () => void, n = 30) => {
    for (let i = 0; i < n; i++) f();
    const ts = [];
    for (let i = 0; i < n; i++) { const s = performance.now(); f(); ts.push(performance.now() - s); }
    const c = process.cpuUsage(); for (let i = 0; i < n; i++) f(); const u = process.cpuUsage(c); console.log(name, 'cpu median', ((u.user + u.system) / 1000 / n).toFixed(2));
    ts.sort((a, b) => a - b);
    console.log(name, 'median', ts[n >> 1]?.toFixed(2), 'min', ts[0]?.toFixed(2));
  };
  time('lex', () => lex(text));
  time('lex+adopt', () => adopt(lex(text).tokens, 'f'));
  time('lex+adopt+outline', () => outline(adopt(lex(text).tokens, 'f'), 'f', text));
  time('..+read', () => readPage(outline(adopt(lex(text).tokens, 'f'), 'f', text).tokens));
  time('parse', () => parse(text, 'f'));
  const page = parse(text, 'f').value;
  time('print', () => print(page));
  expect(1).toBe(1);
}, 100000);
