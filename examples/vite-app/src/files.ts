/** The data files of the pages, as the bundler serves them: by the names that the pages know them by. */
import { FileError, type Files } from 'bilevel/data';
import diabetes from '../../ridge/diabetes.csv?url';
import test from '../../hyper-cleaning/test.csv?url';
import train from '../../hyper-cleaning/train.csv?url';
import valid from '../../hyper-cleaning/valid.csv?url';

const urls: Readonly<Record<string, string>> = { 'diabetes.csv': diabetes, 'train.csv': train, 'valid.csv': valid, 'test.csv': test };

export const files: Files = {
  read: async (file) => {
    const url = urls[file];
    if (url === undefined) throw new FileError('ENOENT');
    const answer = await fetch(url);
    if (!answer.ok) throw new FileError(`the server answers with ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  },
};
