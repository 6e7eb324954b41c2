/** Files as the runner has them: the extension reads them, since only VS Code knows where they are. Knows no page. */
import { FileError, type Files } from '../../../runtime/data/files.ts';
import type { Answer, Question } from './messages.ts';

export class AskedFiles implements Required<Files> {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly ask: (question: Question) => void;
  private asked = 0;

  constructor(ask: (question: Question) => void) {
    this.ask = ask;
  }

  /** Fails: rejects with a `FileError`. */
  readonly read = async (path: string): Promise<Uint8Array> => {
    const answer = await this.answerTo('bytes', path);
    if ('bytes' in answer) return answer.bytes;
    throw new FileError('code' in answer ? answer.code : 'it was not read');
  };

  readonly list = async (path: string): Promise<readonly string[]> => {
    const answer = await this.answerTo('names', path);
    return 'names' in answer ? answer.names : [];
  };

  readonly hear = (answer: Answer): void => {
    this.waiting.get(answer.id)?.(answer);
    this.waiting.delete(answer.id);
  };

  private answerTo(what: Question['what'], path: string): Promise<Answer> {
    const id = (this.asked += 1);
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.ask({ kind: 'question', id, what, path });
    });
  }
}
