import { contract, event, operation, signal } from '../contract.ts';
import {
  Email,
  Flag,
  Means,
  Nullable,
  OneOf,
  Optional,
  Pattern,
  Phone,
  Pincode,
  StateName,
  Text,
  TextList,
  Timestamp,
  Uuid,
  Whole,
  Words,
} from '../fields.ts';
import { ById, Nothing, PageQuery } from '../page.ts';
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
import {
  Address,
  AddressList,
  AuditPage,
  Consent,
  ConsentList,
  Erasure,
  ExportRequested,
  ExportStatus,
  JsonWebKeySet,
  ManagedUser,
  OtpSent,
  Passkey,
  PasskeyCreation,
  PasskeyList,
  PasskeyRequest,
  PincodeStates,
  PostalAddress,
  ROLES,
  SessionList,
  SignedIn,
  SignInStep,
  StaffList,
  TotpEnrolment,
  User,
  UserPage,
} from './views.ts';

export class Register {
  @Email() email!: string;
  @Means('Any Unicode, exact bytes; breached ones are refused.') @Text(12, 128) password!: string;
  @Means('As it is shown to the user and on parcels.') @Words(1, 100) name!: string;
  @Optional() @Phone() phone?: string;
  @Means('The code of a friend who told about the shop.') @Optional() @Text(1, 40) referralCode?: string;
}

export class Login {
  @Email() email!: string;
  @Text(1, 128) password!: string;
}

export class SendOtp {
  @Phone() phone!: string;
  @Means('`login` unless said; `verify` attaches the number to the caller.') @Optional() @OneOf(['login', 'verify']) purpose?: string;
}

export class VerifyOtp {
  @Uuid() requestId!: string;
  @Phone() phone!: string;
  @Text(1, 40) code!: string;
  @Means('Of a new customer.') @Optional() @Words(1, 100) name?: string;
}

export class FactorCode {
  @Text(1, 40) code!: string;
}

export class VerifyFactor {
  @Text(1, 128) mfaToken!: string;
  @Means('Six digits of the app, or a recovery code.') @Text(1, 40) code!: string;
}

export class Refresh {
  @Means('Left out where it travels in the cookie.') @Optional() @Text(1, 128) refreshToken?: string;
}

export class Logout {
  @Means("Ends the session of this token instead of the caller's; a foreign one is ignored.")
  @Optional()
  @Text(1, 128)
  refreshToken?: string;
  @Means('Ends all sessions of the caller.') @Optional() @Flag() all?: boolean;
}

export class VerifyEmail {
  @Means('From the link of the mail.') @Text(1, 128) token!: string;
}

export class ChangePassword {
  @Text(1, 128) currentPassword!: string;
  @Means('Any Unicode, exact bytes; breached ones are refused.') @Text(12, 128) newPassword!: string;
}

export class ForgotPassword {
  @Email() email!: string;
}

export class ResetPassword {
  @Means('From the link of the mail; good once.') @Text(1, 128) token!: string;
  @Means('Any Unicode, exact bytes; breached ones are refused.') @Text(12, 128) newPassword!: string;
}

export class EditMe {
  @Optional() @Words(1, 100) name?: string;
}
export class AddAddress extends PostalAddress {
  @Means('True takes it from the address that was the default.') @Optional() @Flag() isDefault?: boolean;
}
export class EditAddress {
  @Uuid() id!: string;
  @Optional() @Words(1, 100) name?: string;
  @Optional() @Phone() phone?: string;
  @Optional() @Words(1, 200) line1?: string;
  @Means('null removes it.') @Optional() @Nullable() @Words(1, 200) line2?: string | null;
  @Optional() @Words(1, 100) city?: string;
  @Optional() @StateName() state?: string;
  @Optional() @Pincode() pincode?: string;
  @Optional() @OneOf(['IN']) country?: string;
  @Means('True takes it from the address that was the default.') @Optional() @Flag() isDefault?: boolean;
}

export class ByPincode {
  @Text(1, 20) pincode!: string;
}

export class UserFilter extends PageQuery {
  @Means('Part of a name, of an e-mail address, or of a phone number in any usual spelling.') @Optional() @Text(1, 100) q?: string;
  @Optional() @OneOf(ROLES) role?: string;
  @Optional() @Flag() disabled?: boolean;
}
export class EditUser {
  @Uuid() id!: string;
  @Means('Replaces the set; effective at once.') @Optional() @TextList(3, 1, 20) roles?: string[];
  @Means('True ends all sessions of the user and lets them sign in no more.') @Optional() @Flag() disabled?: boolean;
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

const base64url = (max: number): PropertyDecorator => Pattern(new RegExp(`^[\\w-]{1,${max}}$`), 'must be base64url without padding');

/** What `navigator.credentials.create` answers, as `toJSON()` shows it: the fields that count. */
export class EnrolPasskey {
  @Means('`id`.') @base64url(1_400) credentialId!: string;
  @Means('`response.clientDataJSON`.') @base64url(4_000) clientDataJSON!: string;
  @Means('`response.attestationObject`.') @base64url(20_000) attestationObject!: string;
  @Means('`response.transports`.') @Optional() @TextList(10, 1, 20) transports?: string[];
  @Means('What its owner calls it; else the device is named.') @Optional() @Words(1, 100) name?: string;
}

export class RenamePasskey extends ById {
  @Words(1, 100) name!: string;
}

export class AskPasskey {
  @Means('Of a sign-in that asks for a second factor.') @Optional() @Text(1, 128) mfaToken?: string;
}

/** What `navigator.credentials.get` answers, as `toJSON()` shows it: the fields that count. */
export class SignInByPasskey {
  @Means('`id`.') @base64url(1_400) credentialId!: string;
  @Means('`response.clientDataJSON`.') @base64url(4_000) clientDataJSON!: string;
  @Means('`response.authenticatorData`.') @base64url(4_000) authenticatorData!: string;
  @Means('`response.signature`.') @base64url(10_000) signature!: string;
  @Means('Where the passkey is the second factor.') @Optional() @Text(1, 128) mfaToken?: string;
}

export class InviteStaff {
  @Email() email!: string;
  @Words(1, 100) name!: string;
  @OneOf(['support', 'admin']) role!: string;
}

export class AuditFilter extends PageQuery {
  @Means('To whose account it happened.') @Optional() @Uuid() userId?: string;
  @Means('Who did it.') @Optional() @Uuid() actorId?: string;
  @Optional() @Text(1, 60) action?: string;
  @Means('From this time on.') @Optional() @Timestamp() from?: string;
  @Means('Before this time.') @Optional() @Timestamp() to?: string;
}

export const authApi = contract('auth', {
  operations: {
    register: operation({
      summary: 'Create an account and sign in',
      access: 'public',
      http: 'POST /auth/register',
      in: Register,
      out: SignedIn,
      status: 201,
      errors: { 'auth.email_taken': 'conflict', 'auth.password_breached': 'bad_request', rate_limited: 'rate_limited' },
      timeoutMs: 7_000,
      refreshToken: 'issues',
    }),
    login: operation({
      summary: 'Sign in with e-mail and password',
      description: 'Answers an access token of 15 minutes and a refresh token for the next one. The example is a login of the demo shop.',
      access: 'public',
      http: 'POST /auth/login',
      in: Login,
      out: SignInStep,
      errors: { 'auth.bad_credentials': 'unauthenticated' },
      timeoutMs: 4_000,
      refreshToken: 'issues',
    }),
    sendOtp: operation({
      summary: 'Send a code by SMS',
      description: 'The answer is the same whether the number is known. A code that was sent before is dead from then on.',
      access: 'optional',
      http: 'POST /auth/otp/send',
      in: SendOtp,
      out: OtpSent,
      status: 202,
    }),
    verifyOtp: operation({
      summary: 'Sign in with the code of an SMS, or attach the number to the own account',
      description:
        'An unknown number becomes a new customer. A code is good for five minutes and five tries; every failure is answered alike. Attaching a number that another account uses is a conflict.',
      access: 'optional',
      http: 'POST /auth/otp/verify',
      in: VerifyOtp,
      out: SignInStep,
      errors: { 'auth.bad_code': 'unauthenticated', 'auth.phone_taken': 'conflict' },
      refreshToken: 'issues',
    }),
    enrolTotp: operation({
      summary: 'Begin with an authenticator app as second factor',
      description: 'Nothing changes until the first code is shown to `totp/activate`. Each call begins anew.',
      access: 'user',
      http: 'POST /auth/totp/enrol',
      in: Nothing,
      out: TotpEnrolment,
      errors: { 'auth.totp_active': 'conflict' },
    }),
    activateTotp: operation({
      summary: 'Use the authenticator from now on, by its first code',
      access: 'user',
      http: 'POST /auth/totp/activate',
      in: FactorCode,
      errors: { 'auth.bad_code': 'unauthenticated', 'auth.totp_active': 'conflict', 'auth.factor_required': 'conflict' },
    }),
    disableTotp: operation({
      summary: 'Use the authenticator no more',
      access: 'user',
      http: 'POST /auth/totp/disable',
      in: FactorCode,
      errors: { 'auth.bad_code': 'unauthenticated', 'auth.factor_required': 'conflict' },
    }),
    verifyTotp: operation({
      summary: 'Sign in with the second factor',
      access: 'public',
      http: 'POST /auth/totp/verify',
      in: VerifyFactor,
      out: SignedIn,
      errors: { 'auth.bad_code': 'unauthenticated' },
      refreshToken: 'issues',
    }),
    passkeyRequest: operation({
      summary: 'Begin to sign in with a passkey, alone or as second factor',
      access: 'public',
      http: 'POST /auth/passkeys/sign-in/options',
      in: AskPasskey,
      out: PasskeyRequest,
      errors: { 'auth.bad_passkey': 'unauthenticated' },
    }),
    signInByPasskey: operation({
      summary: 'Sign in with a passkey',
      access: 'public',
      http: 'POST /auth/passkeys/sign-in/verify',
      in: SignInByPasskey,
      out: SignedIn,
      errors: { 'auth.bad_passkey': 'unauthenticated' },
      refreshToken: 'issues',
    }),
    passkeyCreation: operation({
      summary: 'Begin to enrol a passkey',
      access: 'user',
      http: 'POST /auth/passkeys/enrol/options',
      in: Nothing,
      out: PasskeyCreation,
      errors: { 'auth.too_many_passkeys': 'conflict' },
    }),
    enrolPasskey: operation({
      summary: 'Enrol a passkey',
      access: 'user',
      http: 'POST /auth/passkeys/enrol/verify',
      in: EnrolPasskey,
      out: Passkey,
      status: 201,
      errors: { 'auth.bad_passkey': 'unauthenticated', 'auth.factor_required': 'conflict', 'auth.too_many_passkeys': 'conflict' },
    }),
    passkeys: operation({ summary: 'Own passkeys', access: 'user', http: 'GET /auth/passkeys', in: Nothing, out: PasskeyList }),
    renamePasskey: operation({
      summary: 'Name a passkey',
      access: 'user',
      http: 'PATCH /auth/passkeys/:id',
      in: RenamePasskey,
      out: Passkey,
    }),
    removePasskey: operation({
      summary: 'Remove a passkey',
      access: 'user',
      http: 'DELETE /auth/passkeys/:id',
      in: ById,
      errors: { 'auth.factor_required': 'conflict' },
    }),
    refresh: operation({
      summary: 'Exchange a refresh token for its successor and a new access token',
      access: 'public',
      http: 'POST /auth/refresh',
      in: Refresh,
      out: SignedIn,
      errors: { 'auth.bad_refresh_token': 'unauthenticated' },
      refreshToken: 'renews',
    }),
    logout: operation({
      summary: 'End a session, or all of them',
      access: 'user',
      http: 'POST /auth/logout',
      in: Logout,
      refreshToken: 'ends',
    }),
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
    verifyEmail: operation({
      summary: 'Confirm an e-mail address with the token of a mail',
      access: 'public',
      http: 'POST /auth/email/verify',
      in: VerifyEmail,
      errors: { 'auth.bad_link': 'bad_request' },
    }),
    resendEmail: operation({
      summary: 'Send the mail that confirms the own address once more',
      access: 'user',
      http: 'POST /auth/email/resend',
      in: Nothing,
      out: Nothing,
      status: 202,
    }),
    changePassword: operation({
      summary: 'Change the own password, which ends all other sessions',
      access: 'user',
      http: 'POST /auth/password/change',
      in: ChangePassword,
      errors: { 'auth.bad_credentials': 'unauthenticated', 'auth.password_breached': 'bad_request' },
      timeoutMs: 7_000,
    }),
    forgotPassword: operation({
      summary: 'Ask for a mail with a link that sets a new password',
      description: 'The answer is the same whether there is such an account.',
      access: 'public',
      http: 'POST /auth/password/forgot',
      in: ForgotPassword,
      out: Nothing,
      status: 202,
    }),
    resetPassword: operation({
      summary: 'Set a new password with the token of a mail, which ends all sessions',
      description: 'A link works once. It proves the e-mail address too.',
      access: 'public',
      http: 'POST /auth/password/reset',
      in: ResetPassword,
      errors: { 'auth.bad_link': 'bad_request', 'auth.password_breached': 'bad_request' },
      timeoutMs: 7_000,
    }),
    sessions: operation({
      summary: 'Devices that are signed in',
      access: 'user',
      http: 'GET /auth/sessions',
      in: Nothing,
      out: SessionList,
    }),
    endSession: operation({ summary: 'Sign a device out', access: 'user', http: 'DELETE /auth/sessions/:id', in: ById }),
    addresses: operation({
      summary: 'Own addresses, the default first',
      access: 'user',
      http: 'GET /auth/addresses',
      in: Nothing,
      out: AddressList,
    }),
    addAddress: operation({
      summary: 'Add an address',
      access: 'user',
      http: 'POST /auth/addresses',
      in: AddAddress,
      out: Address,
      status: 201,
      errors: { 'auth.too_many_addresses': 'conflict' },
    }),
    address: operation({ summary: 'One own address', access: 'user', http: 'GET /auth/addresses/:id', in: ById, out: Address }),
    editAddress: operation({
      summary: 'Change an address',
      access: 'user',
      http: 'PATCH /auth/addresses/:id',
      in: EditAddress,
      out: Address,
    }),
    pincodeStates: operation({
      summary: 'The states that a PIN code can lie in',
      access: 'public',
      http: 'GET /auth/pincodes/:pincode',
      in: ByPincode,
      out: PincodeStates,
    }),
    removeAddress: operation({ summary: 'Remove an address', access: 'user', http: 'DELETE /auth/addresses/:id', in: ById }),
    users: operation({ summary: 'Find users', access: 'admin', http: 'GET /auth/users', in: UserFilter, out: UserPage }),
    editUser: operation({
      summary: 'Change roles, disable or enable a user',
      access: 'admin',
      http: 'PATCH /auth/users/:id',
      in: EditUser,
      out: ManagedUser,
      errors: { 'auth.last_admin': 'conflict' },
    }),
    staffList: operation({
      summary: 'Support and admins, with the time they were last seen and their second factor',
      access: 'admin',
      http: 'GET /auth/staff',
      in: Nothing,
      out: StaffList,
    }),
    inviteStaff: operation({
      summary: 'Make an account for somebody who will work here, and send them a link to choose a password',
      description: 'Who has an account already gets other roles instead.',
      access: 'admin',
      http: 'POST /auth/staff',
      in: InviteStaff,
      out: ManagedUser,
      status: 201,
      errors: { 'auth.email_taken': 'conflict' },
    }),
    audit: operation({
      summary: 'Sign-ins, roles, ended sessions and what admins did, the newest first',
      access: 'admin',
      http: 'GET /auth/audit',
      in: AuditFilter,
      out: AuditPage,
    }),
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
    registered: event({ summary: 'Somebody has an account', version: 1, data: Registered, subscribers: [] }),
    contactVerified: event({ summary: 'An address or a number was proved', version: 1, data: ContactVerified, subscribers: [] }),
    deviceSeen: event({ summary: 'An account was used on a device for the first time', version: 1, data: DeviceSeen, subscribers: [] }),
    accountChanged: event({
      summary: 'Roles changed, or an account was disabled or enabled',
      version: 1,
      data: AccountChanged,
      subscribers: [],
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
      subscribers: ['cart', 'coupon', 'notification'],
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
