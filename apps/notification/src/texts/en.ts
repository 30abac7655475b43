import { type Wordings, wordingIn } from './text.ts';

const { mail, note, everywhere } = wordingIn('en', 'Hello {{name}},');

const toOrder = { button: ['See the order', '{{link}}'] } as const;
const toProduct = { button: ['See it in the shop', '{{link}}'] } as const;

export const en: Wordings = {
  otp: { sms: { text: '{{code}} is your Only2U code. It is good for {{minutes}} minutes. Do not share it with anyone. - Only2U' } },
  email_verification: {
    email: mail({
      subject: 'Confirm your e-mail address',
      paragraphs: ['Please confirm that this e-mail address is yours.'],
      button: ['Confirm the address', '{{link}}'],
      closing: ['The link is good for {{hours}} hours. If you did not sign up at Only2U, ignore this mail.'],
    }),
  },
  password_reset: {
    email: mail({
      subject: 'Choose a new password',
      paragraphs: ['Somebody asked for a new password for your Only2U account.'],
      button: ['Choose a new password', '{{link}}'],
      closing: [
        'The link works once, for {{minutes}} minutes. If it was not you who asked, ignore this mail: your password stays as it is.',
      ],
    }),
  },
  staff_invitation: {
    email: mail({
      subject: 'You are invited to work at Only2U',
      paragraphs: ['An account of the Only2U team was made for you. Choose a password, then sign in with this e-mail address.'],
      button: ['Choose a password', '{{link}}'],
      closing: ['The link works once, for {{hours}} hours. If you do not know what this is about, ignore this mail.'],
    }),
  },
  password_changed: everywhere('Your password was changed', 'The password of your account was changed on {{at}}.', {
    closing: ['All other devices were signed out. If it was not you, choose a new password at once by “Forgot password”.'],
  }),
  new_sign_in: everywhere('New sign-in to your account', 'Your account was signed in to from a new device on {{at}}.', {
    closing: ['If that was you, there is nothing to do. If not, end that session under “Devices” and change your password.'],
  }),
  session_replay: everywhere(
    'Someone used an old session',
    'A sign-in of yours was used from two places. We have ended it on both. If that was not you, change your password.',
  ),
  referral_reward: everywhere('Thank you for bringing a friend', 'Your reward of {{amount}} is here.{{coupon}}', {
    button: ['See your rewards', '{{link}}'],
  }),
  feedback_status: everywhere('News of your feedback', 'Your feedback is now: {{status}}.', { button: ['See it', '{{link}}'] }),
  feedback_reply: everywhere('An answer to your feedback', 'Our team has answered your feedback.', {
    button: ['Read the answer', '{{link}}'],
  }),
  review_updated: everywhere('News of your review', '{{change}}'),
  staff_alert: everywhere('Somebody has to look', '{{matter}}: {{subject}}'),

  order_confirmed: {
    ...everywhere('Order confirmed', 'Your order {{number}} for {{total}} is confirmed.', {
      subject: 'Your order {{number}} is confirmed',
      paragraphs: ['Thank you! We will tell you when it is on its way.'],
      ...toOrder,
      second: ['Your invoice', '{{invoice}}'],
    }),
    sms: { text: 'Your Only2U order {{number}} for {{total}} is confirmed. We will tell you when it is shipped. - Only2U' },
  },
  order_shipped: {
    ...everywhere('Your order is on its way', 'Order {{number}} has left our warehouse. {{tracking}}', {
      subject: 'Your order {{number}} is on its way',
      ...toOrder,
    }),
    sms: { text: 'Your Only2U order {{number}} is on its way. - Only2U' },
  },
  order_delivered: {
    ...everywhere('Delivered', 'Order {{number}} was delivered. We hope you like it.', {
      subject: 'Your order {{number}} was delivered',
      ...toOrder,
    }),
    sms: { text: 'Your Only2U order {{number}} was delivered. - Only2U' },
  },
  refund_processed: {
    ...everywhere('Refund paid', '{{amount}} of order {{number}} went back to you.', {
      subject: '{{amount}} of order {{number}} went back to you',
      paragraphs: ['Your bank may take a few days to show it.'],
      ...toOrder,
    }),
    sms: { text: 'Only2U has refunded {{amount}} of order {{number}}. Your bank may take a few days to show it. - Only2U' },
  },
  order_out_for_delivery: everywhere('Out for delivery', 'Order {{number}} will reach you today.', {
    subject: 'Your order {{number}} is out for delivery',
    ...toOrder,
  }),
  order_cancelled: everywhere('Cancelled', 'Order {{number}} was cancelled, or a part of it. What you paid for it goes back to you.', {
    subject: 'Your order {{number}} was cancelled',
    ...toOrder,
  }),
  order_expired: everywhere(
    'Order not paid in time',
    'Order {{number}} was not paid in time and has ended. You can order again at any time.',
    {
      subject: 'Your order {{number}} was not paid in time',
      ...toOrder,
    },
  ),
  return_updated: everywhere('News of your return', 'Order {{number}}: {{change}}', {
    subject: 'Your return of order {{number}}',
    ...toOrder,
  }),
  late_payment: everywhere('Your late payment', 'Order {{number}}: {{change}}', {
    subject: 'Your payment for order {{number}}',
    ...toOrder,
  }),
  payment_failed: {
    push: note('Payment did not work', 'Your payment for order {{number}} did not go through. You can try again.'),
    in_app: note('Payment did not work', 'Your payment for order {{number}} did not go through. You can try again.'),
  },

  chat_unread: { push: note('New messages', 'You have {{count}} unread.'), in_app: note('New messages', 'You have {{count}} unread.') },

  back_in_stock: {
    ...everywhere('Back in stock', '{{product}} can be had again.{{others}}', toProduct),
    in_app: note('Back in stock', '{{product}} can be had again.'),
  },
  price_drop: {
    ...everywhere('Price drop', '{{product}}: now {{price}}.{{others}}', toProduct),
    in_app: note('Price drop', '{{product}}: now {{price}}.'),
  },

  cart_abandoned: everywhere('Your cart is waiting', 'What you left in your cart is still there. Items: {{items}}.', {
    button: ['To the cart', '{{link}}'],
  }),
  review_request: everywhere('How do you like it?', 'Tell others what you think of what you bought.', {
    button: ['Write a review', '{{link}}'],
  }),
  coupon_issued: everywhere('A coupon for you', 'Use code {{code}} until {{until}}.', { button: ['To the shop', '{{link}}'] }),
};

/** What the shop's own words for states and matters are called. */
export const enWords: Readonly<Record<string, string>> = {
  return_requested: 'we have your request for a return.',
  returned: 'what you sent back has arrived, and its price goes back to you.',
  refused: 'we could not take what you sent back; it goes to you again.',
  returned_to_origin: 'the parcel came back to us.',
  confirmed: 'your payment came late, and the order is confirmed all the same.',
  refunded: 'your payment came when the order had ended, and goes back to you.',
  hidden: 'Your review is not shown any more.',
  approved: 'Your review is published.',
  replied: 'The shop has answered your review.',
  open: 'open',
  in_review: 'in review',
  planned: 'planned',
  resolved: 'resolved',
  rejected: 'declined',
  closed: 'closed',
  amount_mismatch: 'A payment has another amount than its order',
  refund_failed: 'A refund failed',
  bad_credentials: 'The payment provider refuses our key',
  dispute: 'A payment is disputed',
  feedback_overdue: 'Feedback waits for an answer too long',
};
