import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '#libs/contracts/errors';
import { Ink } from '../src/invoice/ink.ts';
import type { Paper, PrintedLine } from '../src/invoice/invoice.ts';
import { creditPaper } from '../src/invoice/invoice.ts';
import { printed } from '../src/invoice/invoice-document.ts';
import { InvoicePrinter } from '../src/invoice/invoice-printer.ts';
import { readPdf } from './read-pdf.ts';

const ISSUED = { number: 'INV/26-27/000042', issuedAt: '2027-03-31T18:29:00.000Z' };
const LINE: PrintedLine = {
  itemId: 'one',
  name: 'Čapātī कु kurta ₹ with mirrors',
  variant: 'M, Indigo',
  sku: 'AAR-KUR-7',
  hsn: '6211',
  quantity: 2,
  unitPrice: 12_345_678,
  discount: 1_356,
  taxable: 20_924_576,
  rate: 18,
  cgst: 1_882_712,
  sgst: 1_882_712,
  igst: 0,
  total: 24_690_000,
};
const PAPER: Paper = {
  seller: { name: 'Aaranya Ltd', address: '12, MG Road', gstin: '29AAACO0000A1ZG', state: 'Karnataka', stateCode: '29' },
  buyer: { name: 'आशा (Asha)', address: ['14, 3rd Cross', 'Pune 411001'] },
  placeOfSupply: { state: 'Karnataka', code: '29' },
  isWithinState: true,
  order: { number: 'OU270331-ABCDEFGH', placedAt: '2027-03-31T10:00:00.000Z' },
  paymentMethod: 'cod',
  lines: [LINE],
  charges: [{ name: 'Shipping', amount: 4_900 }],
  total: 24_694_900,
};

describe('a printed invoice', () => {
  it('says who sold what to whom, its number and day in India, and every sum', async () => {
    const { text, pages } = readPdf(await printed({ ...ISSUED, paper: PAPER }));
    expect(pages).toBe(1);
    for (const said of [
      'Tax invoice',
      ISSUED.number,
      '31 Mar 2027',
      '29AAACO0000A1ZG',
      'Karnataka (29)',
      'OU270331-ABCDEFGH',
      'Cash on delivery',
      '6211',
      'AAR-KUR-7',
      '1,23,456.78',
      '13.56',
      '2,09,245.76',
      '9 %',
      '9 % + 9 %',
      '18,827.12',
      '2,46,900.00',
      '49.00',
      '2,46,949.00',
      'Prices include GST',
      '₹',
      'आ',
    ])
      expect(text).toContain(said);
    expect(text.replaceAll('\n', ' ')).toContain('Rupees two lakh forty-six thousand nine hundred forty-nine only');
    expect(text).not.toContain('\ufffd');
    expect(text).not.toContain('IGST');
  });

  it('names the unit, an eight-digit HSN in one piece, the seller’s registration and what is due on delivery', async () => {
    const seller = { ...PAPER.seller, cin: 'U74999KA2020PTC123456', phone: '+918012345678', email: 'help@only2u.example' };
    const lines = [{ ...LINE, hsn: '62114290', unit: 'PCS' }];
    const { text } = readPdf(await printed({ ...ISSUED, paper: { ...PAPER, seller, lines, due: 24_694_900 } }));
    for (const said of ['62114290', '2 PCS', 'CIN U74999KA2020PTC123456', 'Phone +918012345678', 'help@only2u.example', 'Due on delivery'])
      expect(text).toContain(said);
    const paid = readPdf(await printed({ ...ISSUED, paper: { ...PAPER, due: 0 } }));
    expect(paid.text).toContain('Paid');
    expect(paid.text).not.toContain('Due');
  });

  it('names a business with its GSTIN, and where the goods go beside it', async () => {
    const buyer = { name: 'Meera Textiles Private Limited', address: ['1, MG Road', 'Bengaluru 560001'], gstin: '29AAGCB7383J1Z4' };
    const { text } = readPdf(await printed({ ...ISSUED, paper: { ...PAPER, buyer, shipTo: PAPER.buyer } }));
    for (const said of ['Billed to', 'Meera Textiles', 'GSTIN 29AAGCB7383J1Z4', 'Shipped to', 'Asha', '14, 3rd Cross'])
      expect(text).toContain(said);
  });

  it('has one tax at the whole rate beyond the state', async () => {
    const lines = [{ ...LINE, cgst: 0, sgst: 0, igst: 3_765_424 }];
    const { text } = readPdf(await printed({ ...ISSUED, paper: { ...PAPER, isWithinState: false, lines } }));
    for (const said of ['IGST', '18 %', '37,654.24']) expect(text).toContain(said);
    expect(text).not.toContain('CGST');
  });

  it.each([
    ['Kannada', 'ಲಕ್ಷ್ಮೀ ಪ್ರಸಾದ್', 'ಲಸ'],
    ['Tamil', 'கிருஷ்ணமூர்த்தி', 'கம'],
    ['Telugu', 'శ్రీనివాస్ రెడ్డి', 'నవ'],
    ['Malayalam', 'ശ്രീലക്ഷ്മി നമ്പൂതിരി', 'ലത'],
    ['Bengali', 'শ্রীমতী চট্টোপাধ্যায়', 'শচ'],
    ['Gujarati', 'જ્ઞાનેશ્વર પટેલ', 'નપ'],
    ['Gurmukhi', 'ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ', 'ਗਘ'],
    ['Odia', 'ଶ୍ରୀମତୀ ମହାପାତ୍ର', 'ମହ'],
    ['Devanagari', 'श्रीमती क्षत्रिय', 'मय'],
  ])('writes names in %s with letters of that script', async (_script, name, letters) => {
    const { text } = readPdf(await printed({ ...ISSUED, paper: { ...PAPER, buyer: { ...PAPER.buyer, name: `${name} Rao` }, lines: [] } }));
    for (const letter of letters) expect(text).toContain(letter);
    expect(text).toContain('Rao');
    expect(text).not.toContain('\ufffd');
  });

  it('can be written whatever its names are made of', () => {
    const letter = fc
      .constantFrom(0x900, 0x980, 0xa00, 0xa80, 0xb00, 0xb80, 0xc00, 0xc80, 0xd00)
      .chain((block) => fc.integer({ min: block, max: block + 0x7f }).map((code) => String.fromCodePoint(code)));
    const anyName = fc.array(fc.oneof(letter, fc.constantFrom(' ', '\u200c', '\u200d', '।', 'a', '₹')), { minLength: 1, maxLength: 30 });
    const ink = new Ink({ size: 'A4' });
    fc.assert(
      fc.property(anyName, (characters) => {
        ink.write(characters.join(''), 0, 0, { size: 8 });
      }),
      { numRuns: 300 },
    );
  });

  it('keeps its size of type where a line changes fonts', async () => {
    for (const name of [PAPER.buyer.name, 'Asha आशा Čapātī ₹ आशा Asha']) {
      const paper = { ...PAPER, buyer: { ...PAPER.buyer, name } };
      expect(readPdf(await printed({ ...ISSUED, paper })).largestLetters).toBe(17);
    }
  });

  it('repeats heads and counts pages where it is long, and cuts words that are wider than their column', async () => {
    const lines = Array.from({ length: 50 }, () => ({ ...LINE, sku: 'W'.repeat(64) }));
    const { text, pages } = readPdf(await printed({ ...ISSUED, paper: { ...PAPER, lines } }));
    expect(pages).toBeGreaterThan(3);
    expect(text.match(/Unit price/g)?.length).toBeGreaterThanOrEqual(pages - 1);
    for (let page = 1; page <= pages; page += 1) expect(text).toContain(`Page ${page} of ${pages}`);
    expect(text.match(/W/g)).toHaveLength(50 * 64);
    expect(Math.max(...(text.match(/W+/g) ?? []).map((piece) => piece.length))).toBeLessThan(40);
  });

  it('of a credit note names the invoice and the reason', async () => {
    const credit = { orderId: 'x', reason: 'the seam came undone', lines: [], fees: 0, amount: 10_000 };
    const paper = creditPaper({ ...ISSUED, paper: PAPER }, credit, []);
    const { text } = readPdf(await printed({ number: 'CRN/27-28/000001', issuedAt: '2027-04-02T00:00:00.000Z', paper }));
    for (const said of ['Credit note', 'CRN/27-28/000001', `${ISSUED.number}, 31 Mar 2027`, 'the seam came undone', '100.00'])
      expect(text).toContain(said);
  });
});

describe('the printer', () => {
  it('prints in its thread what is printed here, one after the other, and refuses what would have to wait too long', async () => {
    const printer = new InvoicePrinter();
    try {
      const here = await printed({ ...ISSUED, paper: PAPER });
      const outcomes = await Promise.all(
        Array.from({ length: 25 }, () =>
          printer.print({ ...ISSUED, paper: PAPER }).catch((error: unknown) => (error instanceof Refusal ? error.code : error)),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'unavailable')).toHaveLength(9);
      expect(outcomes.filter((outcome) => outcome instanceof Buffer && outcome.equals(here))).toHaveLength(16);
      expect((await printer.print({ ...ISSUED, paper: PAPER })).equals(here)).toBe(true);
    } finally {
      await printer.onApplicationShutdown();
    }
  }, 120_000);
});
