const whole = new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR', maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR' });

/** Paise as ₹1,09,900, and as ₹1,09,900.50 only where there are odd paise. */
export const rupees = (paise: number): string => (paise % 100 === 0 ? whole : exact).format(paise / 100);

/** Rounded down, so that no more is promised than is given; 0 where nothing is off. */
export const percentOff = (price: number, mrp: number): number => (mrp > price ? Math.floor(((mrp - price) * 100) / mrp) : 0);

/** Rupees as people type them, such as `1,299.50`, in paise; undefined for what is no amount. */
export function paiseOf(text: string): number | undefined {
  const [, whole, part = ''] = /^(\d{1,8})(?:\.(\d{1,2}))?$/.exec(text.replaceAll(/[\s,₹]/g, '')) ?? [];
  return whole === undefined ? undefined : Number(whole) * 100 + Number(part.padEnd(2, '0'));
}
