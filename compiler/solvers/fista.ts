/** Proximal gradient with momentum. Source: Beck & Teboulle (2009), §4; adaptive restart: O'Donoghue & Candès (2015), §3.2. */
import { proximalSolver } from './proximal.ts';

export const fista = proximalSolver('fista', true);
