import type { Message, Presence, Receipt, Thread } from '#libs/contracts/chat/views';

/** Server → client in `/chat`. */
export type ChatToClient = {
  message: (message: Message) => void;
  'message:changed': (message: Message) => void;
  receipt: (receipt: Receipt) => void;
  typing: (typing: { threadId: string; userId: string; typing: boolean }) => void;
  presence: (presence: Presence) => void;
  thread: (thread: Thread) => void;
};
