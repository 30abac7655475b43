import type { Actor } from '#libs/contracts/call';
import type { FileRow } from './file.repository.ts';

export const isOwner = ({ user_id }: Pick<FileRow, 'user_id'>, actor: Actor): boolean => actor.kind === 'user' && actor.userId === user_id;

/** Staff has no access of its own: what it may see it sees through the service that the file belongs to. */
export const mayRead = (file: FileRow, actor: Actor): boolean => isOwner(file, actor) || (file.visibility === 'public' && !file.is_hidden);
