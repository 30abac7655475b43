import { COMMON_ERRORS, type CommonCode, type Refusal, STATUS_BY_KIND } from '#libs/contracts/errors';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** An RFC 9457 problem document, as bytes and status. */
export interface Problem {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: number | undefined;
}

export function problemOf(refusal: Refusal, requestId: string): Problem {
  const status = STATUS_BY_KIND[refusal.kind];
  const title = COMMON_ERRORS[refusal.code as CommonCode]?.title ?? titleOf(refusal.code);
  return {
    status,
    retryAfter: refusal.retryAfter ?? (refusal.retryable || status === 429 ? 1 : undefined),
    body: JSON.stringify({
      ...refusal.fields,
      type: `urn:only2u:error:${refusal.code}`,
      title,
      status,
      detail: refusal.detail,
      code: refusal.code,
      requestId,
      ...(refusal.retryable ? { retryable: true } : {}),
    }),
  };
}

/** `cart.line_limit` → `Cart: line limit`. */
function titleOf(code: string): string {
  const [service = '', reason = ''] = code.split('.');
  return `${service.charAt(0).toUpperCase()}${service.slice(1)}: ${reason.replaceAll('_', ' ')}`;
}
