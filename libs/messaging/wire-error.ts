import { type ErrorKind, Refusal } from '#libs/contracts/errors';

/** A refusal as it crosses the bus. */
export interface WireError {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly detail: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly retryAfter?: number;
}

export const toWire = ({ code, kind, detail, fields, retryAfter }: Refusal): WireError => ({
  code,
  kind,
  detail,
  fields,
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

export const fromWire = ({ code, kind, detail, fields, retryAfter }: WireError): Refusal =>
  new Refusal(code, kind, detail, fields, retryAfter);
