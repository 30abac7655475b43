import type { PostalAddress } from '#libs/contracts/auth/views';
import { invalid } from '#libs/contracts/errors';
import type { Billing } from '#libs/contracts/order/views';
import { stateOf, stateOfGst } from '#libs/places/states';

/** State, PAN, count of registrations, `Z`, check character: the shape of a taxpayer's GSTIN. */
const GSTIN = /^\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[\dA-Z]$/;
const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Whether the last of the fifteen characters is the check character of the others (GSTN's modulus 36). */
export function hasCheckCharacter(gstin: string): boolean {
  const sum = [...gstin.slice(0, -1)].reduce((total, character, index) => {
    const product = CHARACTERS.indexOf(character) * ((index % 2) + 1);
    return total + Math.floor(product / 36) + (product % 36);
  }, 0);
  return gstin.at(-1) === CHARACTERS[(36 - (sum % 36)) % 36];
}

/**
 * The billing of an order as it is kept, null when there is none. Throws `validation_failed` for a GSTIN that cannot be, or that belongs to
 * another state than the billing address.
 */
export function billingOf(billing: Billing | undefined, shippingAddress: PostalAddress): Billing | null {
  if (billing === undefined) return null;
  const gstin = billing.gstin.toUpperCase();
  const state = stateOfGst(gstin.slice(0, 2));
  if (!GSTIN.test(gstin) || state === undefined || !hasCheckCharacter(gstin))
    throw invalid([{ path: 'billing.gstin', message: 'is not a GST identification number' }]);
  const address = billing.address ?? shippingAddress;
  if (stateOf(address.state) !== state) {
    const where = billing.address === undefined ? 'give a billing address there' : 'the billing address is elsewhere';
    throw invalid([{ path: 'billing.gstin', message: `belongs to ${state.name}: ${where}` }]);
  }
  return { ...billing, gstin };
}
