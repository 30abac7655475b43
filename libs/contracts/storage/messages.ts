import { Flag, ListOf, Means, OneOf, Optional, Text, Timestamp, Uuid, UuidList, Whole } from '../fields.ts';
import { File, PURPOSES, type Purpose, VISIBILITIES, type Visibility } from './views.ts';

/** What an object of another service, such as a review, is made of here: the whole set of its files. */
export class FilesUsed {
  @Means('What holds the files, such as the id of a review; each publisher has its own.') @Text(1, 100) ref!: string;
  @Uuid() userId!: string;
  @Means('The whole set; empty when the holder is gone.') @UuidList(0, 100) fileIds!: string[];
  @Means('Whether others may see them, as of an approved review.') @Flag() shown!: boolean;
  @Means("Counts the holder's changes; a lower one than was seen is dropped.") @Whole(0, Number.MAX_SAFE_INTEGER) version!: number;
}

export class CheckFiles {
  @Means('Whose files they must be.') @Uuid() userId!: string;
  @OneOf(PURPOSES) purpose!: Purpose;
  @Means('Absent: any.') @Optional() @OneOf(VISIBILITIES) visibility?: Visibility;
  @UuidList(0, 100) fileIds!: string[];
  @Means('As in `filesUsed`, which makes it last; until then the files are held for ten minutes.') @Text(1, 100) ref!: string;
}

export class CheckedFiles {
  @Means('In the order asked for, as their owner sees them.') @ListOf(() => File) files!: File[];
  @Means('Unknown, foreign, of another purpose or visibility.') @UuidList(0, 100) unusable!: string[];
}

export class SignFiles {
  @Means('Held by the service that asks; others are left out of the answer.') @UuidList(0, 500) fileIds!: string[];
  @Means('How long the links are good, in seconds.') @Whole(1, 3_600) seconds!: number;
}

export class SignedFile {
  @Uuid() id!: string;
  @Text(1, 1000) url!: string;
  @Timestamp() expiresAt!: string;
}

export class SignedFiles {
  @ListOf(() => SignedFile) items!: SignedFile[];
}
