import { contract, event, operation, signal } from '../contract.ts';
import { Nothing } from '../page.ts';
import { accountOperations } from './account.ts';
import { addressOperations } from './addresses.ts';
import { credentialOperations } from './credentials.ts';
import { directoryOperations } from './directory.ts';
import { factorOperations } from './factors.ts';
import {
  AccountChanged,
  AccountErased,
  AccountIds,
  AccountsAsked,
  AddressOfUser,
  ContactList,
  ContactsAsked,
  ContactVerified,
  DeviceSeen,
  MailAddress,
  MessageDue,
  PersonList,
  PlaceOfUser,
  Registered,
  Revocation,
  RevocationList,
  Sameness,
  SecurityNoticed,
  SessionEnded,
  StaffIds,
  TwoUsers,
  UserReference,
  UsersAsked,
} from './messages.ts';
import { refreshOperations, sessionOperations, signInOperations } from './sign-in.ts';
import { JsonWebKeySet, PostalAddress } from './views.ts';

export const authApi = contract('auth', {
  operations: {
    ...signInOperations,
    ...factorOperations,
    ...refreshOperations,
    ...accountOperations,
    ...credentialOperations,
    ...sessionOperations,
    ...addressOperations,
    ...directoryOperations,
    jwks: operation({
      summary: 'Public keys of the access tokens',
      access: 'public',
      http: 'GET ~/.well-known/jwks.json',
      in: Nothing,
      out: JsonWebKeySet,
    }),
    revocations: operation({
      summary: 'Sessions and users whose older access tokens are refused',
      access: 'public',
      in: Nothing,
      out: RevocationList,
    }),
    addressOf: operation({
      summary: "A user's address as an order keeps it",
      access: 'internal',
      in: AddressOfUser,
      out: PostalAddress,
      lane: 'checkout',
    }),
    findByEmail: operation({
      summary: 'Whose address this is, however it is written; not found when nobody has it',
      access: 'internal',
      in: MailAddress,
      out: UserReference,
    }),
    people: operation({
      summary: 'Accounts as other services show them; unknown and erased users are missing',
      access: 'internal',
      in: UsersAsked,
      out: PersonList,
    }),
    contacts: operation({
      summary: 'Where messages for users go, asked when one leaves and never kept',
      access: 'internal',
      in: ContactsAsked,
      out: ContactList,
    }),
    accounts: operation({
      summary: 'Ids of all accounts, or of those registered since a time, page by page',
      access: 'internal',
      in: AccountsAsked,
      out: AccountIds,
    }),
    staff: operation({ summary: 'Ids of support and admins who are not disabled', access: 'internal', in: Nothing, out: StaffIds }),
    sameContact: operation({
      summary: 'Whether two accounts have one phone number or one mailbox',
      access: 'internal',
      in: TwoUsers,
      out: Sameness,
    }),
    sameAddress: operation({
      summary: 'Whether a user has saved this place, without regard to case, blanks and punctuation',
      access: 'internal',
      in: PlaceOfUser,
      out: Sameness,
    }),
  },
  events: {
    messageDue: event({
      summary: 'A code or a link is to be sent',
      version: 1,
      data: MessageDue,
      subscribers: ['notification'],
      lane: 'checkout',
    }),
    registered: event({ summary: 'Somebody has an account', version: 1, data: Registered, subscribers: ['referral'] }),
    contactVerified: event({ summary: 'An address or a number was proved', version: 1, data: ContactVerified, subscribers: ['referral'] }),
    deviceSeen: event({
      summary: 'An account was used on a device for the first time',
      version: 1,
      data: DeviceSeen,
      subscribers: ['referral'],
    }),
    accountChanged: event({
      summary: 'Roles changed, or an account was disabled or enabled',
      version: 1,
      data: AccountChanged,
      subscribers: ['chat', 'feedback', 'notification', 'referral', 'wishlist'],
    }),
    sessionEnded: event({
      summary: 'Sessions are over, for any reason but a change of roles',
      version: 1,
      data: SessionEnded,
      subscribers: ['notification'],
    }),
    erased: event({
      summary: 'An account is gone for good',
      version: 1,
      data: AccountErased,
      subscribers: [
        'cart',
        'chat',
        'coupon',
        'feedback',
        'notification',
        'payment',
        'product',
        'referral',
        'review',
        'storage',
        'wishlist',
      ],
    }),
    securityNoticed: event({
      summary: 'Something happened to an account that its owner should know of',
      version: 1,
      data: SecurityNoticed,
      subscribers: ['notification'],
    }),
  },
  signals: {
    revoked: signal({ summary: 'A session or a user was cut off', data: Revocation }),
  },
});
