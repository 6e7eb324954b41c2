/** A problem bound to data, as an application keeps it: one call after the other, on a session that stays open until `close`. */
import { alreadyClosed } from '../diagnostics/usage.ts';
import { callRules, checkOptions, hypergradientRules, type Rules, solveRules, verifyRules } from './call-options.ts';
import { differentiateHeld, evaluateHeld, openHeld, solveHeld, verifyHeld } from './calls.ts';
import type { Held } from './held.ts';
import type {
  Bound,
  CallOptions,
  Evaluation,
  Hypergradient,
  HypergradientOptions,
  Solution,
  SolveOptions,
  Some,
  Verification,
  VerifyOptions,
} from './module.ts';
import { isFailure } from './open.ts';
import { ProblemError } from './problem-error.ts';
import type { Session } from './session.ts';
import type { Failure } from './types.ts';

export class BoundToData<Hyper, Param, Report, Refit, Chosen> implements Bound<Hyper, Param, Report, Refit, Chosen> {
  readonly sizes: Readonly<Record<string, number>>;
  private readonly held: Held;
  private session: Session | undefined;
  private isClosed = false;
  /** Ends when the call before has ended. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(held: Held) {
    this.held = held;
    this.sizes = held.data.sizes;
  }

  hypergradient = (hyper: Some<Hyper> = {}, options: HypergradientOptions = {}): Promise<Hypergradient<Hyper, Param, Report>> =>
    this.inTurn(options, hypergradientRules, () => differentiateHeld(this.held, hyper, options, this.open));

  evaluate = (hyper: Some<Hyper> = {}, options: CallOptions = {}): Promise<Evaluation<Hyper, Param, Report>> =>
    this.inTurn(options, callRules, () => evaluateHeld(this.held, hyper, options, this.open));

  solve = (options: SolveOptions<Hyper> = {}): Promise<Solution<Hyper, Param, Report, Refit, Chosen>> =>
    this.inTurn(options, solveRules, () => solveHeld(this.held, options, this.open));

  verify = (options: VerifyOptions = {}): Promise<Verification<Hyper>> =>
    this.inTurn(options, verifyRules, () => verifyHeld<Hyper>(this.held, options));

  close = (): void => {
    this.isClosed = true;
    // Calls that still wait have their turn first, and may be the ones that open it.
    void this.turn.then(() => this.session?.executor.close());
  };

  /** Kept from the first call that needs it; where that failed or was interrupted, the next one tries again. */
  private readonly open = async (options: CallOptions): Promise<Session | Failure> => {
    if (this.session !== undefined) return this.session;
    const opened = await openHeld(this.held, options);
    if (!isFailure(opened)) this.session = opened;
    return opened;
  };

  private async inTurn<Result>(options: object, rules: Rules, call: () => Promise<Result>): Promise<Result> {
    const { source } = this.held.code;
    if (this.isClosed) throw new ProblemError(source, { status: 'not-started', diagnostics: [alreadyClosed({}, {})] });
    checkOptions(source, options, rules);
    const result = this.turn.then(call);
    this.turn = result.catch(() => undefined);
    return result;
  }
}
