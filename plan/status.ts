/** How a solver ended. Graphs speak of a status by its position in this list, as a scalar. */
export const statuses = [
  'converged',
  'step-limit',
  'stalled',
  'diverged',
  'not-finite',
  'negative-curvature',
  'not-positive-definite',
  'interrupted',
  // Solved, at a point where the inner loss curves down in some direction: no minimiser.
  'stationary',
] as const;

export type Status = (typeof statuses)[number];

export const statusCode = (status: Status): number => statuses.indexOf(status);
export const statusOf = (code: number): Status => statuses[code] ?? 'not-finite';
