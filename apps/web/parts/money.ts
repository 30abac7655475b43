const whole = new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR', maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR' });

/** Paise as ₹1,09,900, and as ₹1,09,900.50 only where there are odd paise; less than nothing as −₹499, with the sign that is as wide as +. */
export const rupees = (paise: number): string => (paise % 100 === 0 ? whole : exact).format(paise / 100).replace('-', '−');

/** Rounded down, so that no more is promised than is given; 0 where nothing is off. */
export const percentOff = (price: number, mrp: number): number => (mrp > price ? Math.floor(((mrp - price) * 100) / mrp) : 0);

/** Digits alone, or grouped as in India (10,00,000) or by thousands (1,000,000); at most two decimals. */
const AMOUNT = /^(\d{1,12}|\d{1,2}(?:,\d{2})*,\d{3}|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?$/;

/** Rupees as people type them, such as `1,299.50`, in paise; undefined for what is no amount. */
export function paiseOf(text: string): number | undefined {
  const [, rupeesTyped, part = ''] = AMOUNT.exec(text.replaceAll(/[\s₹]/g, '')) ?? [];
  if (rupeesTyped === undefined) return undefined;
  const paise = Number(rupeesTyped.replaceAll(',', '')) * 100 + Number(part.padEnd(2, '0'));
  return Number.isSafeInteger(paise) ? paise : undefined;
}
