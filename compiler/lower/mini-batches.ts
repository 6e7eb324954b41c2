/** `batch = 64, over = train`: the inner loss of a step is that of a random part of the set (see `transform/subset.ts`). */
import { behind, didYouMean, perhaps } from '../../diagnostics/fix.ts';
import type { Hint, Span } from '../../diagnostics/diagnostic.ts';
import { badBatch } from '../../diagnostics/levels.ts';
import { closest } from '../../grammar/spelling.ts';
import { isDimLike, type Scope } from '../check/scope.ts';
import { number } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { MethodInfo, MiniBatches } from '../program.ts';
import { numberOption, wordOption } from '../solvers/options.ts';
import { onSubset } from '../transform/subset.ts';
import { refuse, type Context } from './context.ts';
import { inputsOf } from './static.ts';

export interface BatchedLoss {
  readonly loss: Value;
  readonly step: Value;
  readonly scope: Scope;
}

/** What the steps see instead of the loss; `undefined` where the method takes no batches, or after a report. */
export function miniBatches(c: Context, method: MethodInfo, { loss, step, scope }: BatchedLoss): MiniBatches | undefined {
  const [batch, over] = [method.options.get('batch'), method.options.get('over')];
  const { name } = method;
  const wrong = (span: Span, because: string, hint?: Hint): undefined => refuse(c, badBatch({ span }, { because, hint }));
  if (batch === undefined) {
    return over === undefined
      ? undefined
      : wrong(over.span, `\`over\` of \`${name}\` says of what, and no \`batch\` how many`, 'add `batch = 64`');
  }
  const [size, steps] = [numberOption(method, 'batch'), numberOption(method, 'steps')];
  if (size === undefined || steps === undefined || method.options.has('tolerance')) {
    const hint = 'make it a recipe: `steps` and no `tolerance`';
    return wrong(batch.span, 'batches belong to a recipe: how many steps there are says how many are drawn', hint);
  }
  const used = inputsOf(loss).flatMap((node) => c.sets.get(node.outputs[0] as Value)?.name ?? []);
  const named = wordOption(method, 'over');
  const [dim] = named === undefined ? used : [named];
  if (named === undefined && (dim === undefined || used.length > 1)) {
    const found = used.map((set) => `\`${set}\``).join(' and ');
    const because = dim === undefined ? 'the inner loss uses no index set' : `the inner loss uses ${found}`;
    const hint = perhaps(
      `name a set or a dim: \`over = ${dim ?? 'n'}\``,
      ...(dim === undefined ? [] : [behind(batch.span, `, over = ${dim}`)]),
    );
    return wrong(batch.span, `${because}: of what a batch is has to be said`, hint);
  }
  const binding = dim === undefined ? undefined : scope.lookup(dim);
  const span = over?.span ?? batch.span;
  if (dim === undefined || binding?.kind === 'broken') return undefined;
  if (binding === undefined || !isDimLike(binding)) {
    const near = closest(dim, scope.names(isDimLike));
    return wrong(span, `\`${dim}\` is no index set and no dim`, didYouMean(near, span)[0]);
  }
  // A dim of this very size could not be told from the batch.
  if (c.b.fixed.get(dim) === size)
    return wrong(batch.span, `\`${dim}\` is ${size}: such a batch is all of it at every step`, 'leave `batch` out');
  const drawn = c.b.input(`batch:${dim}`, 'data', { dtype: 'int', shape: [number(steps), number(size)] });
  const found = onSubset(c.b, loss, { dim, size, positions: c.b.gather(drawn, step, 0) });
  if (!found.ok) {
    const at = found.at.span ?? span;
    const labels = [{ span, message: 'batches are asked for here' }];
    const because = `this mixes the members of \`${dim}\` by more than sums over them, so that a batch has no loss of its own`;
    return refuse(
      c,
      badBatch({ span: at, labels }, { because, hint: 'write it so that every row stands for itself, or leave `batch` out' }),
    );
  }
  if (!found.reached) return wrong(span, `the inner loss does not run over \`${dim}\``, 'batches are of a set or dim over which it sums');
  return { dim, size, steps, value: found.value, span: batch.span };
}
