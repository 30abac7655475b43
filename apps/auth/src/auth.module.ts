import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { authApi } from '#libs/contracts/auth/api';
import { cartApi } from '#libs/contracts/cart/api';
import { chatApi } from '#libs/contracts/chat/api';
import { couponApi } from '#libs/contracts/coupon/api';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { notificationApi } from '#libs/contracts/notification/api';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import { referralApi } from '#libs/contracts/referral/api';
import { reviewApi } from '#libs/contracts/review/api';
import { storageApi } from '#libs/contracts/storage/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import { commandConnection } from '#libs/messaging/redis';
import { SecretTexts } from '#libs/messaging/secret-texts';
import type { Logger } from '#libs/observability/logger';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { LOGGER, SETTINGS } from '#libs/runtime/core.module';
import { handlersOf } from '#libs/runtime/handlers';
import { Readiness } from '#libs/runtime/probes';
import { ServiceModule } from '#libs/runtime/service.module';
import { redisPlace, type Settings } from '#libs/runtime/settings';
import { migrations } from '../migrations/auth.migrations.ts';
import { retention } from '../migrations/auth.retention.ts';
import { AccountHandlers } from './account.handlers.ts';
import { AccountRepository } from './account.repository.ts';
import { AccountEraser } from './account-eraser.ts';
import { AddressHandlers } from './address.handlers.ts';
import { AddressRepository } from './address.repository.ts';
import { AddressProof } from './address-proof.ts';
import { AuditRepository } from './audit.repository.ts';
import { authEnv } from './auth.env.ts';
import { CodeSender } from './code-sender.ts';
import { ConsentHandlers } from './consent.handlers.ts';
import { ConsentRepository } from './consent.repository.ts';
import { DeviceRepository } from './device.repository.ts';
import { DirectoryHandlers } from './directory.handlers.ts';
import { DirectoryRepository } from './directory.repository.ts';
import { EmailHandlers } from './email.handlers.ts';
import { EmailTokenRepository } from './email-token.repository.ts';
import { ErasureHandlers } from './erasure.handlers.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { ExportHandlers } from './export.handlers.ts';
import { ExportRepository } from './export.repository.ts';
import { ExportBuilder } from './export-builder.ts';
import { FactorRepository } from './factor.repository.ts';
import { FactorSecrets } from './factor-secrets.ts';
import { Journal } from './journal.ts';
import { OneTimeCodeRepository } from './one-time-code.repository.ts';
import { OtpHandlers } from './otp.handlers.ts';
import { OtpProof } from './otp-proof.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { OwnExport } from './own-export.ts';
import { PasskeyHandlers } from './passkey.handlers.ts';
import { PasskeyRepository } from './passkey.repository.ts';
import { PasskeySignInHandlers } from './passkey-sign-in.handlers.ts';
import { PasswordHandlers } from './password.handlers.ts';
import { PasswordChange } from './password-change.ts';
import { PasswordResetMail } from './password-reset-mail.ts';
import { PasswordStrength } from './password-strength.ts';
import { Passwords } from './passwords.ts';
import { PeerKeys } from './peer-keys.ts';
import { PhoneAccounts } from './phone-accounts.ts';
import { RateWindows } from './rate-windows.ts';
import { ResetRequestRepository } from './reset-request.repository.ts';
import { SecondFactor } from './second-factor.ts';
import { SessionHandlers } from './session.handlers.ts';
import { SessionRepository } from './session.repository.ts';
import { SessionEnds } from './session-ends.ts';
import { SessionExpiry } from './session-expiry.ts';
import { SessionOpener } from './session-opener.ts';
import { SignInHandlers } from './sign-in.handlers.ts';
import { LIMITS_REDIS, SignInLimits } from './sign-in-limits.ts';
import { SigningKeyRepository } from './signing-key.repository.ts';
import { SigningKeys } from './signing-keys.ts';
import { StaffHandlers } from './staff.handlers.ts';
import { StaffRepository } from './staff.repository.ts';
import { StaffFactor } from './staff-factor.ts';
import { TokenIssuer } from './token-issuer.ts';
import { ToldSecretRepository } from './told-secret.repository.ts';
import { TotpHandlers } from './totp.handlers.ts';
import { TrustPublisher } from './trust.publisher.ts';
import { VerificationMail } from './verification-mail.ts';
import { WebAuthn } from './webauthn.ts';

@Module({
  imports: [
    ServiceModule.for({
      contract: authApi,
      peers: [
        orderApi,
        cartApi,
        paymentApi,
        couponApi,
        notificationApi,
        reviewApi,
        feedbackApi,
        wishlistApi,
        referralApi,
        storageApi,
        chatApi,
        productApi,
      ],
      migrations,
      retention,
      bytes: ExportHandlers,
    }),
  ],
  controllers: handlersOf(authApi, [
    SignInHandlers,
    SessionHandlers,
    AccountHandlers,
    AddressHandlers,
    EmailHandlers,
    PasswordHandlers,
    OtpHandlers,
    TotpHandlers,
    PasskeyHandlers,
    PasskeySignInHandlers,
    StaffHandlers,
    ErasureHandlers,
    ConsentHandlers,
    ExportHandlers,
    DirectoryHandlers,
  ]),
  providers: [
    provideEnvironment(authEnv),
    {
      provide: LIMITS_REDIS,
      inject: [SETTINGS, LOGGER, Readiness],
      useFactory: (values: Settings, logger: Logger, readiness: Readiness): Redis => {
        const place = redisPlace(values, 'limits');
        const redis = commandConnection(place, (error) => logger.warn({ reason: error.message, role: 'limits' }, 'redis.error'));
        readiness.watch({ name: 'redis-limits', isUp: () => redis.status === 'ready' });
        return redis;
      },
    },
    {
      provide: SecretTexts,
      inject: [SETTINGS],
      useFactory: ({ BUS_SECRET, BUS_SECRET_PREVIOUS }: Settings) =>
        new SecretTexts({ present: BUS_SECRET, previous: BUS_SECRET_PREVIOUS }),
    },
    AccountRepository,
    AuditRepository,
    AddressProof,
    StaffRepository,
    SessionExpiry,
    AddressRepository,
    DirectoryRepository,
    EmailTokenRepository,
    SigningKeyRepository,
    SessionRepository,
    SigningKeys,
    PeerKeys,
    Journal,
    TokenIssuer,
    Passwords,
    PasswordStrength,
    PasswordChange,
    PasswordResetMail,
    ResetRequestRepository,
    OutgoingMessages,
    RateWindows,
    FactorSecrets,
    FactorRepository,
    PasskeyRepository,
    WebAuthn,
    SecondFactor,
    StaffFactor,
    OneTimeCodeRepository,
    OtpProof,
    ErasureRepository,
    ConsentRepository,
    ExportRepository,
    ExportBuilder,
    OwnExport,
    AccountEraser,
    CodeSender,
    ToldSecretRepository,
    PhoneAccounts,
    DeviceRepository,
    SessionOpener,
    SessionEnds,
    SignInLimits,
    VerificationMail,
    TrustPublisher,
  ],
})
export class AuthModule implements OnApplicationShutdown {
  constructor(@Inject(LIMITS_REDIS) private readonly redis: Redis) {}

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
