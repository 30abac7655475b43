import type { Schemas } from '#libs/client/client';

/** What a first step is answered with: a session, or in its place the token of a question for the second factor. */
export type SignInAnswer = Partial<Pick<Schemas['SignedIn'], 'user' | 'accessToken'>> & {
  /** Staff that may do nothing before they have a second factor. */
  readonly enrolmentRequired?: boolean;
  readonly mfaToken?: string;
  /** What the second factor may be: `totp`, `passkey`. */
  readonly mfaMethods?: readonly string[];
};
export type Follow = (answer: SignInAnswer) => void;
