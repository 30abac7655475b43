/** Under which this browser keeps what it has still to send; by itself, as every page looks there. */
export const WAITING = 'only2u.chat.waiting';
