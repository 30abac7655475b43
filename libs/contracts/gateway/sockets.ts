import { Text } from '../fields.ts';

/** `auth`, in every namespace: the socket goes on with this token of the same user. */
export class SocketAuth {
  @Text(1, 4096) token!: string;
}
