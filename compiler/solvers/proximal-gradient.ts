/** Proximal gradient, x ← prox(x − η∇s(x)). Source: Beck & Teboulle (2009), §1.1, "ISTA". */
import { proximalSolver } from './proximal.ts';

export const proximalGradient = proximalSolver('proximal_gradient', false);
