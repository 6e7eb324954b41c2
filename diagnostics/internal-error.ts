/** Our bug, never the user's: names the pass; the command line ends with exit code 70 and says what to report. */
export class InternalError extends Error {
  readonly pass: string;
  constructor(pass: string, message: string) {
    super(`${pass}: ${message}`);
    this.name = 'InternalError';
    this.pass = pass;
  }
}
