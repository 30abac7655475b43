import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesContact } from './contact.ts';
import { authorOf, averageOf } from './review.ts';

describe('an author', () => {
  it.each([
    ['Asha Rao', 'Asha R.'],
    ['Asha', 'Asha'],
    ['  Asha   Kumari  Rao ', 'Asha R.'],
    ['आशा राव', 'आशा रा.'],
  ])('%s is shown as %s', (name, shown) => expect(authorOf(name)).toBe(shown));
});

describe('an average', () => {
  it('is half up to two decimals, in whole numbers', () => {
    expect([averageOf(0, 0), averageOf(14, 3), averageOf(801, 200), averageOf(9, 2), averageOf(5, 1)]).toEqual([0, 4.67, 4.01, 4.5, 5]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 5 }),
        (count, stars) => averageOf(count * stars, count) === stars,
      ),
    );
  });
});

describe('a way out of the shop', () => {
  it.each([
    'Write to asha.rao@example.org',
    'asha (at) example [dot] org',
    'See https://shop.example/kurta',
    'www.example',
    'cheaper at kurtas.in today',
    'instagram.com/asha',
    'youtu.be/asha',
    'call 9876543210',
    'call +91 98765 43210',
    'call 098765-43210',
    'whatsapp ९८७६५४३२१०',
    '9 8 7 6 5 4 3 2 1 0',
    'office 080-12345678',
    'free 1800 123 4567',
    'from abroad +44 20 7946 0958',
    '98765\u200b43210',
    't.me/cheapdeals',
    'x.com/foo',
    'see a.co',
    'see Example.Com',
    'see example.de',
    'see example.ru',
    'see example.pk',
    'see example.us',
    'linktr.ee/abc',
    'forms.gle/abc',
    'kurtas.boutique/sale',
    '192.168.0.1/shop',
    '022 2345 6789',
    '011-2345-6789',
    '(022) 23456789',
    '98765/43210',
    '98765_43210',
    '98765, 43210',
    '1800-11-2345',
    '1800 1037 188',
    '9,8,7,6,5,4,3,2,1,0',
    'asha@163.com',
  ])('is found in %s', (text) => expect(namesContact(undefined, text)).toBe(true));

  it.each([
    'Fits well.Looks good. Bought 2 for 1,299 each on 12-03-2026',
    'Size 38-40, washed at 30°, 100 % cotton',
    'Order OU261124-7K3QX9ZD came in 3 days',
    'I paid 2499 instead of 3499',
    'M/L, 5.5 ft, 60 kg e.g. mine',
    'The colour is dull.to be honest I expected more.it is fine',
    'अच्छा कपड़ा है। रंग वैसा ही।',
    'Bought it @ 499. Nice',
    'Got @ 499.00 only',
    'Kurta @ 1,299.Nice',
    'Kurta @ Rs.499, was 799, 899, 999 and 1099',
    'Paid 799, 899, 999, 1099',
    'Size 6, 8, 10, 12, 14, 16 or 6/8/10/12/14/16',
    'Paid 1,299 each on 12-03-2026, 1,499 on 01/02/2026 and 10,000.00 in all',
    'Sizes S, M, L, XL, 38, 40, 42, 44 and 46 all fit',
    'Ordered on 02.11.2026 at 10.30, here on 05.11.2026',
    'Worn 9/10, washed 8, 9, 10 times',
  ])('is not found in %s', (text) => expect(namesContact(text, text)).toBe(false));
});
