import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOf } from '../after-sales/give-back.ts';
import { priceOrder } from '../checkout/pricing.ts';
import { financialYear } from '../india-time.ts';
import type { ItemRow, OrderRow } from '../order-row.ts';
import { creditPaper, invoicePaper, type Paper, taxSummary } from './invoice.ts';
import { printed } from './invoice-document.ts';
import { rupees, rupeesInWords } from './rupees.ts';

const SELLER = { name: 'Only2U', address: '12, MG Road', gstin: '29AAACO0000A1ZG', state: 'Karnataka' };
const ISSUED = { number: 'INV/26-27/000001', issuedAt: '2026-11-24T10:00:00.000Z' };
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

interface Bought {
  readonly price: number;
  readonly quantity: number;
  readonly discount: number;
}
/** An order as placing it would have written it. */
function bought(lines: readonly Bought[], withinState: boolean): { order: OrderRow; items: ItemRow[] } {
  const priced = priceOrder({
    lines: lines.map(({ price, quantity, discount }) => ({ quote: { price, hsn: '6211' } as never, quantity, discount })),
    shipping: { fee: 4_900, freeFrom: 99_900 },
    freeShipping: false,
    codFee: 2_500,
    withinState,
    on: '2026-11-24',
  });
  const items = priced.lines.map(
    ({ quantity, discount, total, taxes, gstRate }, index): ItemRow => ({
      id: `item-${index}`,
      order_id: 'order',
      position: index,
      product_id: '',
      variant_id: '',
      name: `Kurta ${index}`,
      sku: `SKU-${index}`,
      size: 'M',
      color: 'Indigo',
      hsn: '6211',
      gst_rate: gstRate,
      unit_price: lines[index]?.price ?? 0,
      quantity,
      cancelled_quantity: 0,
      returned_quantity: 0,
      discount,
      tax: taxes.cgst + taxes.sgst + taxes.igst,
      total,
    }),
  );
  const order = {
    number: 'OU261124-ABCDEFGH',
    created_at: new Date('2026-11-24T09:00:00Z'),
    payment_method: 'cod',
    shipping_address: {
      name: 'आशा राव',
      line1: '14, 3rd Cross',
      city: 'Pune',
      state: withinState ? 'Karnataka' : 'Maharashtra',
      pincode: '411001',
    },
    shipping_fee: priced.shippingFee,
    cod_fee: priced.codFee,
    total: priced.total,
    billing: null,
    received: 0,
    cancelled_share: 0,
    ...priced.tax,
  } as unknown as OrderRow;
  return { order, items };
}
const anyOrder = fc.tuple(
  fc.array(
    fc.record({
      price: fc.integer({ min: 100, max: 400_000 }),
      quantity: fc.integer({ min: 1, max: 6 }),
      share: fc.double({ min: 0, max: 0.9, noNaN: true }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  fc.boolean(),
);

describe('an invoice', () => {
  it('has the sums of its order to the paisa: lines and fees, taxable value and tax', () => {
    fc.assert(
      fc.property(anyOrder, ([lines, withinState]) => {
        const { order, items } = bought(
          lines.map(({ price, quantity, share }) => ({ price, quantity, discount: Math.floor(price * quantity * share) })),
          withinState,
        );
        const paper = invoicePaper(order, items, SELLER);
        expect(sum(paper.lines.map(({ total }) => total)) + sum(paper.charges.map(({ amount }) => amount))).toBe(order.total);
        for (const { taxable, cgst, sgst, igst, total } of paper.lines) {
          expect(taxable + cgst + sgst + igst).toBe(total);
          expect(cgst).toBe(sgst);
        }
        const rows = taxSummary(paper.lines);
        expect([sum(rows.map(({ cgst }) => cgst)), sum(rows.map(({ sgst }) => sgst)), sum(rows.map(({ igst }) => igst))]).toEqual([
          order.cgst,
          order.sgst,
          order.igst,
        ]);
      }),
    );
  });

  it('is taken back exactly by its credit notes, in whatever portions, tax and its halves alike', () => {
    fc.assert(
      fc.property(anyOrder, fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), ([lines, withinState], picks) => {
        const { order, items } = bought(
          lines.map(({ price, quantity, share }) => ({ price, quantity, discount: Math.floor(price * quantity * share) })),
          withinState,
        );
        const paper = invoicePaper(order, items, SELLER);
        const left = items.map((item) => ({ ...item, cancelled_quantity: 0 }));
        const notes: Paper[] = [];
        for (const pick of picks) {
          const open = left.filter(({ quantity, cancelled_quantity }) => cancelled_quantity < quantity);
          const item = open[pick % open.length];
          if (item === undefined) break;
          const share = shareOf(left, [{ itemId: item.id, quantity: 1 }], order.shipping_fee + order.cod_fee);
          if (share === undefined) throw new Error('a unit that is there has no share');
          notes.push(creditPaper({ ...ISSUED, paper }, { orderId: 'order', reason: 'returned', ...share }, notes));
          item.cancelled_quantity += 1;
        }
        expect(left.every(({ quantity, cancelled_quantity }) => quantity === cancelled_quantity)).toBe(true);
        const taken = notes.flatMap((note) => note.lines);
        for (const { cgst, sgst } of taken) expect(cgst).toBe(sgst);
        expect(sum(notes.map(({ total }) => total))).toBe(order.total);
        expect([sum(taken.map(({ cgst }) => cgst)), sum(taken.map(({ sgst }) => sgst)), sum(taken.map(({ igst }) => igst))]).toEqual([
          order.cgst,
          order.sgst,
          order.igst,
        ]);
        expect(() =>
          creditPaper({ ...ISSUED, paper }, { orderId: 'order', reason: 'more', lines: [], fees: 0, amount: 1 }, notes),
        ).toThrow();
      }),
      { numRuns: 50 },
    );
  });

  it('counts pieces, and says what the courier is to collect', () => {
    const { order, items } = bought([{ price: 100_000, quantity: 2, discount: 0 }], true);
    const paper = invoicePaper(order, items, SELLER);
    expect([paper.lines[0]?.unit, paper.due]).toEqual(['PCS', order.total]);
    expect(invoicePaper({ ...order, received: order.total }, items, SELLER).due).toBe(0);
  });

  it('bills a business at its own address, and names where the goods go', () => {
    const { order, items } = bought([{ price: 100_000, quantity: 2, discount: 0 }], true);
    const billing = { name: 'Meera Textiles', gstin: '29AAGCB7383J1Z4', address: { ...order.shipping_address, line1: '1, MG Road' } };
    const paper = invoicePaper({ ...order, billing }, items, SELLER);
    expect([paper.buyer.name, paper.buyer.address[0], paper.buyer.gstin]).toEqual(['Meera Textiles', '1, MG Road', '29AAGCB7383J1Z4']);
    expect([paper.shipTo?.name, paper.shipTo?.address[0]]).toEqual(['आशा राव', '14, 3rd Cross']);
    expect(paper.placeOfSupply).toEqual({ state: 'Karnataka', code: '29' });
  });

  it('of an order sold before the halves were equal keeps its odd paisa, and its credit notes take it back', () => {
    const { order, items } = bought([{ price: 101_100, quantity: 3, discount: 0 }], true);
    const odd = items.map((item) => ({ ...item, tax: 14_443 }));
    const paper = invoicePaper({ ...order, cgst: 7_221, sgst: 7_222 }, odd, SELLER);
    expect(paper.lines).toMatchObject([{ cgst: 7_221, sgst: 7_222 }]);
    const notes: Paper[] = [];
    for (const amount of [101_100, 101_100, 101_100]) {
      const lines = [{ itemId: 'item-0', quantity: 1, amount }];
      notes.push(creditPaper({ ...ISSUED, paper }, { orderId: 'order', reason: 'returned', lines, fees: 0, amount }, notes));
    }
    const taken = notes.flatMap((note) => note.lines);
    expect([sum(taken.map(({ cgst }) => cgst)), sum(taken.map(({ sgst }) => sgst))]).toEqual([7_221, 7_222]);
  });

  it('is printed on as many pages as it needs, whatever its names are written in', async () => {
    const { order, items } = bought(
      Array.from({ length: 50 }, (_, index) => ({ price: 100 + index, quantity: 1, discount: 0 })),
      false,
    );
    const strange = items.map((item, index) => ({
      ...item,
      name: index % 2 === 0 ? `कुर्ता ${index} ₹` : `Kurta\n\u0007${'very '.repeat(40)}long`,
    }));
    const one = await printed({ ...ISSUED, paper: invoicePaper(order, items.slice(0, 2), SELLER) });
    const many = await printed({ ...ISSUED, paper: invoicePaper(order, strange, SELLER) });
    const pages = (pdf: Buffer): number => pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
    expect(one.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pages(one)).toBe(1);
    expect(pages(many)).toBeGreaterThan(3);
  });
});

describe('numbers on paper', () => {
  it.each([
    [0, '0.00', 'Rupees zero only'],
    [5, '0.05', 'Rupees zero and five paise only'],
    [
      12_345_678_905,
      '12,34,56,789.05',
      'Rupees twelve crore thirty-four lakh fifty-six thousand seven hundred eighty-nine and five paise only',
    ],
    [10_000_000, '1,00,000.00', 'Rupees one lakh only'],
    [99_900, '999.00', 'Rupees nine hundred ninety-nine only'],
  ])('%i paise', (paise, figures, words) => {
    expect([rupees(paise), rupeesInWords(paise)]).toEqual([figures, words]);
  });

  it.each([
    ['2026-03-31T18:29:59.999Z', '25-26'],
    ['2026-03-31T18:30:00.000Z', '26-27'],
    ['2099-12-31T00:00:00.000Z', '99-00'],
  ])('the financial year at %s is %s', (at, year) => {
    expect(financialYear(new Date(at))).toBe(year);
  });
});
