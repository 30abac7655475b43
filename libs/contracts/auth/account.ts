import { operation } from '../contract.ts';
import { Flag, Means, Optional, Text, Uuid, Whole, Words } from '../fields.ts';
import { ById, Nothing } from '../page.ts';
import { Consent, ConsentList, Erasure, ExportRequested, ExportStatus, User } from './views.ts';

export class EditMe {
  @Optional() @Words(1, 100) name?: string;
}

export class EraseMe {
  @Optional() @Text(1, 128) password?: string;
  @Means('Of a code that went to the own number.') @Optional() @Uuid() requestId?: string;
  @Optional() @Text(1, 40) code?: string;
}

export class SetConsent {
  @Text(1, 40) purpose!: string;
  @Flag() granted!: boolean;
  @Means('Of the text that was shown.') @Whole(1, 100_000) version!: number;
}

export class TextVersion {
  @Means('Of the text as it is now.') @Whole(1, 100_000) version!: number;
}

export class FetchExport extends ById {
  @Text(1, 100) key!: string;
}

export const accountOperations = {
  me: operation({ summary: 'The signed-in user', access: 'user', http: 'GET /auth/me', in: Nothing, out: User }),
  editMe: operation({ summary: 'Change the own name', access: 'user', http: 'PATCH /auth/me', in: EditMe, out: User }),
  eraseMe: operation({
    summary: 'Erase the own account, by password or by a code to the own number',
    description: 'It is gone at once, and within seconds from all services. Orders, payments and invoices stay as the law wants.',
    access: 'user',
    http: 'DELETE /auth/me',
    in: EraseMe,
    oneOf: [['password'], ['requestId', 'code']],
    out: Erasure,
    status: 202,
    errors: { 'auth.bad_credentials': 'unauthenticated', 'auth.bad_code': 'unauthenticated', 'auth.last_admin': 'conflict' },
    timeoutMs: 4_000,
  }),
  consents: operation({
    summary: 'What one has agreed to, by purpose',
    access: 'user',
    http: 'GET /auth/consents',
    in: Nothing,
    out: ConsentList,
  }),
  setConsent: operation({
    summary: 'Agree, or withdraw',
    access: 'user',
    http: 'PUT /auth/consents/:purpose',
    in: SetConsent,
    out: Consent,
    errors: { 'auth.consent_text_changed': { kind: 'conflict', fields: TextVersion }, 'auth.consent_needed': 'conflict' },
  }),
  requestExport: operation({
    summary: 'Ask for an archive of everything that the shop has of oneself',
    access: 'user',
    http: 'POST /auth/me/export',
    in: Nothing,
    out: ExportRequested,
    status: 202,
  }),
  exportStatus: operation({
    summary: 'How far the archive is, and where it can be fetched',
    access: 'user',
    http: 'GET /auth/me/export/:id',
    in: ById,
    out: ExportStatus,
  }),
  fetchExport: operation({
    summary: 'The archive, by the link that its owner was given',
    access: 'public',
    http: 'GET /auth/exports/:id',
    in: FetchExport,
    bytes: true,
    timeoutMs: 10_000,
  }),
};
