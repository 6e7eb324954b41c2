/** Misuse of the programmatic interface. What is wrong with a page is a diagnostic; what is wrong with a call is this. */
import { closestName } from '../runtime/tensor.ts';

/** The call itself has to be changed: an option, a size or a strategy that does not exist, a value that a page cannot hold. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** `plan has no option "stategy": did you mean "strategy"?`, or all that there are. */
export function nothingOfThatName(said: string, asked: string, known: readonly string[]): UsageError {
  const closest = closestName(asked, known);
  const all = known.length === 0 ? 'there is none' : `there is ${known.map((name) => `\`${name}\``).join(', ')}`;
  const wayOut = closest === undefined ? all : `did you mean \`${closest}\`?`;
  return new UsageError(`${said} \`${asked}\`: ${wayOut}`);
}
