/**
 * How a delivery failed. `away`: the subscriber was away, slow or full, which says nothing about the event. `misread`: it does not know this
 * shape, as one of the release before may not. `failed`: anything else.
 */
export type FailureKind = 'away' | 'misread' | 'failed';

export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';

  constructor(
    message: string,
    readonly kind: FailureKind,
  ) {
    super(message);
  }
}

export const kindOf = (error: unknown): FailureKind => (error instanceof DeliveryFailure ? error.kind : 'failed');
