/** Examples that the suite leaves out reach their figures; and all strategies agree at the start of those of which the suite does not see it. */
import { it } from 'vitest';
import { examples, promptExamples, quickTravellers } from '../helpers/examples.ts';
import { expectAgreement, expectFigures } from '../helpers/figures.ts';

const others = examples.filter((example) => !promptExamples.includes(example));
it.each(others)('$name reaches its figure', ({ page }) => expectFigures(page));

const unseen = examples.filter((example) => !quickTravellers.includes(example));
it.each(unseen)('all strategies agree at the start of $name', ({ page }) => expectAgreement(page));
