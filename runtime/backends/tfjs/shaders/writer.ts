/** Text of shaders, written once for WebGL and for WebGPU: what their languages write differently is in `Shading`, and the rest is common to both. */

export interface Shading {
  /** Declares a name that is set again. */
  readonly variable: (name: string, type: 'real' | 'whole', value: string) => string;
  readonly choose: (condition: string, yes: string, no: string) => string;
  readonly toReal: (whole: string) => string;
  readonly toWhole: (real: string) => string;
  readonly infinity: string;
  /** Both languages of the library give it a uniform, since neither has such a literal. */
  readonly nan: string;
  /** An element of an operand. */
  readonly read: (operand: number, place: string) => string;
}

/** Statements, one after the other; names are made here. Expressions are text of type real (float32) unless something else is said. */
export class Writer {
  readonly lines: string[] = [];
  readonly shading: Shading;
  private readonly prefix: string;
  private names = 0;

  /** Names begin with `prefix`. */
  constructor(shading: Shading, prefix: string) {
    this.shading = shading;
    this.prefix = prefix;
  }

  /** A name for what is used more than once. */
  let(value: string): string {
    return this.variable('real', value);
  }

  variable(type: 'real' | 'whole', value: string): string {
    const name = `${this.prefix}${this.names++}`;
    this.lines.push(this.shading.variable(name, type, value));
    return name;
  }

  assign(name: string, value: string): void {
    this.lines.push(`${name} = ${value};`);
  }

  when(condition: string, body: () => void): void {
    this.lines.push(`if (${condition}) {`);
    body();
    this.lines.push('}');
  }

  /** `index` runs from 0 while the condition holds. */
  loop(holds: (index: string) => string, body: (index: string) => void): void {
    const index = `${this.prefix}${this.names++}`;
    this.lines.push(`for (${this.shading.variable(index, 'whole', '0')} ${holds(index)}; ${index}++) {`);
    body(index);
    this.lines.push('}');
  }

  choose(condition: string, yes: string, no: string): string {
    return this.shading.choose(condition, yes, no);
  }

  /** 1 where the condition holds, else 0. */
  truth(condition: string): string {
    return this.choose(condition, '1.0', '0.0');
  }

  /** c₀ + x·(c₁ + x·(…)). */
  polynomial(coefficients: readonly number[], x: string): string {
    return coefficients.map(real).reduceRight((sum, c) => `(${c} + ${x} * ${sum})`);
  }
}

/** A literal of type real in both languages. */
export function real(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
}
