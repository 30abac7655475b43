import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';
import workerpool from 'workerpool';

/** Runs in a process of its own, for the dictionaries take some 70 MB. What leaks rank high, English words and first names, rows of keys. */
const estimator = new ZxcvbnFactory({
  dictionary: {
    'passwords-common': common.dictionary['passwords-common'],
    'commonWords-en': english.dictionary['commonWords-en'],
    'firstnames-en': english.dictionary['firstnames-en'],
  },
  graphs: common.adjacencyGraphs,
  maxLength: 128,
});

/** Longer ones take the estimator a second. The beginning is no harder to guess than the whole. */
const ENOUGH_CHARACTERS = 40;
const STRONG = 3;

/** From 0, which is guessed at once, to 4, which is not. `about` is what a guesser knows of the account. */
function score(password: string, about: string[]): number {
  const beginning = estimator.check(password.slice(0, ENOUGH_CHARACTERS), about).score;
  return beginning >= STRONG || password.length <= ENOUGH_CHARACTERS ? beginning : estimator.check(password, about).score;
}

workerpool.worker({ score });
