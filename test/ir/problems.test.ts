/** The graphs of whole problems: every stage of every candidate is well formed, and its text is read back. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../compiler/analyse.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { parseGraph } from '../../compiler/ir/parse.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { verify } from '../../compiler/ir/verify.ts';
import { lowerPage } from '../../compiler/lower/program.ts';
import { buildCandidates } from '../../compiler/module.ts';
import { problemOf } from '../../compiler/problem.ts';
import { parse } from '../../grammar/parse.ts';

const pages = ['ridge/ridge', 'logistic/logistic', 'learning-rate/learning-rate'];

function stagesOf(page: string): { readonly graphs: readonly (readonly [string, Graph])[]; readonly fixed: ReadonlyMap<string, number> } {
  const url = new URL(`../../examples/${page}.bilevel`, import.meta.url);
  const [program] = lowerPage(parse(readFileSync(url, 'utf8'), page).value).value;
  if (program === undefined) throw new Error(`${page} has no problem`);
  const problem = problemOf(program);
  const { stages } = buildCandidates(problem, analyse(problem));
  const graphs = [...stages].flatMap(([id, own]) => Object.entries(own()).map(([name, { graph }]) => [`${id}/${name}`, graph] as const));
  return { graphs, fixed: program.builder.fixed };
}

describe.each(pages)('%s', (page) => {
  const { graphs, fixed } = stagesOf(page);

  it('has stages that are well formed', () => {
    expect(graphs.length).toBeGreaterThan(0);
    expect(graphs.flatMap(([name, graph]) => verify(graph, fixed).map((text) => `${name}: ${text}`))).toEqual([]);
  });

  it('is printed, and read back to the same text', () => {
    // Candidates share many stages.
    const texts = new Map(graphs.map(([name, graph]) => [printGraph(graph, { spans: true }), name]));
    for (const [text, name] of texts) {
      const back = parseGraph(text, { fixed, file: page });
      expect(printGraph(back, { spans: true }) === text, name).toBe(true);
      expect(verify(back, fixed), name).toEqual([]);
    }
  });
});
