import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether one of the secrets made this signature (hex HMAC-SHA256) over exactly these bytes, in constant time. The package's own check
 * compares with `===` and stringifies the body, so that every parsed object hashes as "[object Object]".
 */
export function isSignedBy(secrets: readonly string[], message: Buffer | string, signature: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const given = Buffer.from(signature, 'hex');
  let isSigned = false;
  for (const secret of secrets) {
    if (timingSafeEqual(createHmac('sha256', secret).update(message).digest(), given)) isSigned = true;
  }
  return isSigned;
}

/** What the checkout signs with the key secret; the order id comes from our own record, never from the client. */
export const checkoutMessage = (razorpayOrderId: string, razorpayPaymentId: string): string => `${razorpayOrderId}|${razorpayPaymentId}`;
