import type { Taxes } from '../gst.ts';
import { indianDate } from '../india-time.ts';
import { Ink } from './ink.ts';
import type { IssuedPaper } from './invoice.repository.ts';
import { type Paper, type PrintedLine, type TaxRow, taxSummary } from './invoice.ts';
import { rupees, rupeesInWords } from './rupees.ts';
import { type Column, LABEL, LEFT, PAD, type Piece, RIGHT, Sheets, SMALL, STRONG, sum, TEXT, TITLE, TOTAL, WIDTH } from './sheets.ts';

/** The last row sums up, and has no rate. */
type SummaryRow = Omit<TaxRow, 'rate'> & { readonly rate: number | null };

const METHODS = { razorpay: 'Online, by Razorpay', cod: 'Cash on delivery' } as const;

/** A GST invoice or a credit note as PDF. The same paper gives the same bytes. */
export async function printed(issued: IssuedPaper): Promise<Buffer> {
  const title = issued.paper.against === undefined ? 'Tax invoice' : 'Credit note';
  const ink = new Ink({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    lang: 'en-IN',
    displayTitle: true,
    info: { Title: `${title} ${issued.number}`, Author: issued.paper.seller.name, CreationDate: new Date(issued.issuedAt) },
  });
  new Printing(ink, issued, title).print();
  const { doc } = ink;
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  doc.on('end', () => resolve(Buffer.concat(chunks)));
  doc.on('error', reject);
  doc.end();
  return promise;
}

/** What the law wants on an invoice or a credit note, in its order. */
class Printing extends Sheets {
  private readonly issued: IssuedPaper;
  private readonly title: string;

  constructor(ink: Ink, issued: IssuedPaper, title: string) {
    super(ink, `${title} ${issued.number}`);
    this.issued = issued;
    this.title = title;
  }

  print(): void {
    const { paper } = this.issued;
    this.heading();
    this.parties(paper);
    this.facts(paper);
    this.goods(paper);
    this.sums(paper);
    this.taxes(paper);
    this.closing(paper);
    this.feet();
  }

  private heading(): void {
    const { number, issuedAt } = this.issued;
    this.ink.write(this.title, LEFT, this.y, TITLE);
    this.ink.write(number, RIGHT, this.y, { size: 11, weight: 'bold' }, 'right');
    this.ink.write(indianDate(issuedAt), RIGHT, this.y + 15, TEXT, 'right');
    this.y += 34;
    this.ink.rule(LEFT, this.y, WIDTH, '#111111');
    this.y += 8;
  }

  private parties({ seller, buyer, shipTo, placeOfSupply }: Paper): void {
    const code = `State code ${placeOfSupply.code ?? '–'}`;
    const sold = [
      seller.address,
      placed(seller.state, seller.stateCode),
      `GSTIN ${seller.gstin}`,
      ...(seller.cin === undefined ? [] : [`CIN ${seller.cin}`]),
      ...(seller.phone === undefined ? [] : [`Phone ${seller.phone}`]),
      ...(seller.email === undefined ? [] : [seller.email]),
    ];
    const gstin = buyer.gstin === undefined ? [] : [`GSTIN ${buyer.gstin}`];
    const parties =
      shipTo === undefined
        ? [{ label: 'Billed and shipped to', name: buyer.name, lines: [...buyer.address, ...gstin, code] }]
        : [
            { label: 'Billed to', name: buyer.name, lines: [...buyer.address, ...gstin] },
            { label: 'Shipped to', name: shipTo.name, lines: [...shipTo.address, code] },
          ];
    const all = [{ label: 'Sold by', name: seller.name, lines: sold }, ...parties];
    const column = WIDTH / all.length;
    const bottoms = all.map(({ label, name, lines }, index) => this.party(label, name, lines, LEFT + index * column, column - 14));
    this.y = Math.max(...bottoms) + 8;
  }

  private party(label: string, name: string, lines: readonly string[], x: number, width: number): number {
    this.ink.write(label, x, this.y, LABEL);
    let y = this.ink.paragraph(name, x, this.y + 11, width, STRONG);
    for (const line of lines) y = this.ink.paragraph(line, x, y, width, TEXT);
    return y;
  }

  private facts({ placeOfSupply, order, paymentMethod, against }: Paper): void {
    const facts = [
      ['Place of supply', placed(placeOfSupply.state, placeOfSupply.code)],
      ['Order', `${order.number}, ${indianDate(order.placedAt)}`],
      against === undefined ? ['Payment', METHODS[paymentMethod]] : ['Invoice', `${against.number}, ${indianDate(against.issuedAt)}`],
      ['Reverse charge', 'No'],
    ] as const;
    const widths = [150, 158, 145, 70];
    let x = LEFT;
    let bottom = this.y;
    for (const [index, [label, value]] of facts.entries()) {
      const width = widths[index] ?? 0;
      this.ink.write(label, x, this.y, LABEL);
      bottom = Math.max(bottom, this.ink.paragraph(value, x, this.y + 11, width - 8, TEXT));
      x += width;
    }
    this.y = bottom + 4;
    if (against !== undefined) {
      this.ink.write('Reason', LEFT, this.y, LABEL);
      this.y = this.ink.paragraph(against.reason, LEFT, this.y + 11, WIDTH, TEXT) + 4;
    }
    this.y += 4;
  }

  private goods({ lines, isWithinState, against }: Paper): void {
    if (lines.length === 0) return;
    const before: Column<PrintedLine>[] =
      against === undefined
        ? [
            { head: 'Unit price', width: 50, of: ({ unitPrice }) => rupees(unitPrice) },
            { head: 'Discount', width: 46, of: ({ discount }) => rupees(discount) },
          ]
        : [];
    this.table(lines, [
      { head: '#', width: 18, isText: true, of: (_line, index) => String(index + 1) },
      { head: 'Item', width: 0, isText: true, of: named },
      { head: 'HSN', width: 46, isText: true, of: ({ hsn }) => hsn ?? '–' },
      { head: 'Qty', width: 36, of: ({ quantity, unit }) => (unit === undefined ? String(quantity) : `${quantity} ${unit}`) },
      ...before,
      { head: 'Taxable', width: 53, of: ({ taxable }) => rupees(taxable) },
      ...taxColumns<PrintedLine>(isWithinState),
      { head: 'Total', width: 58, of: ({ total }) => rupees(total) },
    ]);
  }

  private sums({ lines, charges, total, due, against }: Paper): void {
    const goods = sum(lines, ({ total: one }) => one);
    const rows = [...(lines.length === 0 ? [] : [{ name: 'Goods, tax included', amount: goods }]), ...charges];
    const words = this.ink.wrap(rupeesInWords(total), 250, TEXT);
    this.need(Math.max((rows.length + 3) * 14 + 10, words.length * 12 + 24));
    this.y += 6;
    const top = this.y;
    for (const { name, amount } of rows) {
      this.ink.write(name, LEFT + 300, this.y, TEXT);
      this.ink.write(`₹${rupees(amount)}`, RIGHT - PAD, this.y, TEXT, 'right');
      this.y += 14;
    }
    this.ink.band(LEFT + 294, this.y, WIDTH - 294, 20);
    this.ink.write(against === undefined ? 'Total' : 'Credited', LEFT + 300, this.y + 3, TOTAL);
    this.ink.write(`₹${rupees(total)}`, RIGHT - PAD, this.y + 3, TOTAL, 'right');
    this.y += 26;
    if (against === undefined && due !== undefined) {
      this.ink.write(due > 0 ? 'Due on delivery' : 'Paid', LEFT + 300, this.y, STRONG);
      this.ink.write(`₹${rupees(due > 0 ? due : total)}`, RIGHT - PAD, this.y, STRONG, 'right');
      this.y += 16;
    }
    this.ink.write('Total in words', LEFT, top, LABEL);
    const under = this.ink.paragraph(rupeesInWords(total), LEFT, top + 11, 250, TEXT);
    this.ink.write('Prices include GST. Amounts are in Indian rupees.', LEFT, under + 2, LABEL);
    this.y = Math.max(this.y, under + 16) + 6;
  }

  private taxes({ lines, isWithinState }: Paper): void {
    if (lines.length === 0) return;
    const rows = taxSummary(lines);
    const all: SummaryRow = {
      hsn: 'Tax in all',
      rate: null,
      taxable: sum(rows, ({ taxable }) => taxable),
      cgst: sum(rows, ({ cgst }) => cgst),
      sgst: sum(rows, ({ sgst }) => sgst),
      igst: sum(rows, ({ igst }) => igst),
    };
    this.need(40);
    this.table<SummaryRow>(
      [...rows, all],
      [
        { head: 'Tax by HSN', width: 0, isText: true, of: ({ hsn }) => hsn ?? '–' },
        { head: 'Rate', width: 80, of: ({ rate }) => (rate === null ? '' : ratesOf(rate, isWithinState)) },
        { head: 'Taxable', width: 90, of: ({ taxable }) => rupees(taxable) },
        ...taxColumns<SummaryRow>(isWithinState, 72),
        { head: 'Tax', width: 90, of: ({ cgst, sgst, igst }) => rupees(cgst + sgst + igst) },
      ],
    );
  }

  private closing({ against, seller }: Paper): void {
    const text =
      against === undefined
        ? `Issued by ${seller.name}. This invoice was made by a computer and is valid without a signature.`
        : `Issued by ${seller.name} for invoice ${against.number}. This credit note was made by a computer and is valid without a signature.`;
    this.need(30);
    this.y = this.ink.paragraph(text, LEFT, this.y + 8, WIDTH, LABEL);
  }
}

function named({ name, variant, sku }: PrintedLine): Piece[] {
  return [
    { text: name, style: { size: 8 } },
    { text: variant, style: LABEL },
    { text: `SKU ${sku}`, style: LABEL },
  ];
}

/** The amount, and in a row that has a rate the rate of this tax below it. */
function taxColumns<T extends Taxes & { readonly rate: number | null }>(isWithinState: boolean, width = 48): Column<T>[] {
  const column = (head: string, tax: keyof Taxes, wide: number): Column<T> => ({
    head,
    width: wide,
    of: ({ rate, ...taxes }) => {
      const amount = { text: rupees(taxes[tax]), style: SMALL };
      return rate === null ? [amount] : [amount, { text: percent(isWithinState ? rate / 2 : rate), style: LABEL }];
    },
  });
  if (!isWithinState) return [column('IGST', 'igst', width + 6)];
  return [column('CGST', 'cgst', width), column('SGST', 'sgst', width)];
}

const percent = (rate: number): string => `${rate} %`;
const ratesOf = (rate: number, isWithinState: boolean): string =>
  isWithinState ? `${percent(rate / 2)} + ${percent(rate / 2)}` : percent(rate);

const placed = (state: string, code: string | null): string => (code === null ? state : `${state} (${code})`);
