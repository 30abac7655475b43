import { type Operation, operation } from './contract.ts';
import { Nullable, Optional, Text, Uuid } from './fields.ts';

export class ExportAsked {
  @Uuid() userId!: string;
  @Optional() @Text(1, 600) cursor?: string;
}

export class ExportPart {
  /** A JSON list of what the service has of the user. */
  @Text(2, 50_000_000) content!: string;
  /** What to ask with for more; null at the end. */
  @Nullable() @Text(1, 600) next!: string | null;
}

/** What a service that holds something of people offers, for the archive that a user may ask for (DPDP Act, section 11). */
export const exportOperation = (summary: string): Operation<ExportAsked, ExportPart, never, 'internal'> =>
  operation({ summary, access: 'internal', in: ExportAsked, out: ExportPart, timeoutMs: 5_000 });
