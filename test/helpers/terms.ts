/** Graphs compared as terms: what computes a value, whatever order it was made in. */
import { printAttributes } from '../../compiler/ir/attributes.ts';
import type { Graph, Node, Value } from '../../compiler/ir/graph.ts';

/** Equal terms get equal numbers, in all graphs that one of these has read. */
export class Terms {
  private readonly numbers = new Map<string, number>();
  private readonly known = new Map<Value, number>();

  of(value: Value): number {
    const known = this.known.get(value) ?? this.read(value.node, value.index, (input) => this.of(input));
    this.known.set(value, known);
    return known;
  }

  private number(text: string): number {
    const known = this.numbers.get(text) ?? this.numbers.size;
    this.numbers.set(text, known);
    return known;
  }

  private read({ op, inputs, attributes }: Node, index: number, of: (input: Value) => number): number {
    const { body, test, constants = 0, states = 0, ...rest } = attributes;
    const operands = inputs.map(of);
    const written = `${op} ${index} ${printAttributes(rest, () => '')}`;
    if (body === undefined && test === undefined) {
      const isSymmetric = op === 'add' || op === 'mul' || op === 'maximum' || op === 'minimum';
      return this.number(`${written} ${(isSymmetric ? operands.sort((a, b) => a - b) : operands).join(' ')}`);
    }
    // What a loop's graphs take as constants they take in the order in which these were made.
    const inside = operands.map((operand, i) => (i < constants ? operand : this.number(`state ${i - constants} of ${states}`)));
    const nested = [test, body].flatMap((graph) => (graph === undefined ? [] : this.inside(graph, inside)));
    return this.number(`${written} ${operands.slice(constants).join(' ')} { ${nested.join(' ')} }`);
  }

  private inside({ inputs, outputs }: Graph, given: readonly number[]): readonly number[] {
    const local = new Map(inputs.map((input, i) => [input, given[i] ?? this.number(`input ${i}`)]));
    const of = (value: Value): number => {
      const known = local.get(value) ?? this.read(value.node, value.index, of);
      local.set(value, known);
      return known;
    };
    return outputs.map(of);
  }
}
