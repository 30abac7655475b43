import { describe, expect, it } from 'vitest';
import { FEEDBACK_STATUSES } from '#libs/contracts/feedback/views';
import { beginningsOf, holdsFor, likeness, MOVES, movesTo, oneStepUp, textHash, wordsOf } from './feedback.ts';
import { cell } from './feedback-csv.ts';
import { termsOf } from './response-terms.ts';

const FIRST = { sent: 0, saidBefore: false };

describe('the table of moves', () => {
  it('leads nowhere from closed, back to open from nowhere, and is the same from both ends', () => {
    expect(MOVES.closed).toEqual([]);
    expect(movesTo('open')).toEqual([]);
    for (const from of FEEDBACK_STATUSES) for (const to of MOVES[from]) expect(movesTo(to)).toContain(from);
  });
});

describe('words', () => {
  it('are the same whatever their case, their width and what joins their letters', () => {
    expect(wordsOf('Blue-KURTA, ｂｌｕｅ kurta!')).toEqual(['blue', 'kurta']);
    expect(wordsOf('ज़िप टूट गई।')).toHaveLength(3);
    expect(wordsOf('क्\u200dष')).toEqual(wordsOf('क्ष'));
    expect(wordsOf('… !?')).toEqual([]);
  });

  it('that begin alike are alike, the more of them the more', () => {
    const title = beginningsOf('Checkout stops after the address');
    const near = likeness(beginningsOf('checkout stopped after address'), title);
    expect(near).toBeGreaterThan(likeness(beginningsOf('the address book'), title));
    expect(likeness(beginningsOf('checkou'), title)).toBeGreaterThan(0.2);
    expect(likeness(beginningsOf('zebra'), title)).toBe(0);
  });
});

describe('a hold', () => {
  it('is for the sixth in an hour, for the same again, and for more than three links', () => {
    expect(holdsFor('fine', { sent: 4, saidBefore: false })).toEqual([]);
    expect(holdsFor('fine', { sent: 5, saidBefore: true })).toEqual(['many', 'repeated']);
    expect(holdsFor('http://www.a.in https://b.in www.c.in', FIRST)).toEqual([]);
    expect(holdsFor('HTTP://a.in https://b.in,https://c.in www.d.in', FIRST)).toEqual(['links']);
  });

  it('takes texts for the same that differ by case and blanks alone', () => {
    expect(textHash(' Slow', 'Very\nslow')).toBe(textHash('sLOW ', 'very slow'));
    expect(textHash('ab', 'c')).not.toBe(textHash('a', 'bc'));
  });
});

describe('a cell of the CSV', () => {
  it('begins with an apostrophe where a spreadsheet would run it, and is quoted where it must be', () => {
    for (const sign of ['=', '+', '-', '@', '\t']) expect(cell(`${sign}1`)).toBe(`'${sign}1`);
    expect(cell('\r1')).toBe(`"'\r1"`);
    expect(cell('a "b", c')).toBe('"a ""b"", c"');
    expect(cell('a=b')).toBe('a=b');
  });
});

describe('the time to answer', () => {
  it('is as it is set, and the default for a priority that is not named', () => {
    expect(termsOf({ FEEDBACK_SLA_SECONDS: 'high=5,low=9' })).toEqual({ urgent: 14_400, high: 5, normal: 259_200, low: 9 });
    expect(oneStepUp('low')).toBe('normal');
    expect(oneStepUp('urgent')).toBe('urgent');
  });
});
