/** In the words of Node, of libvips about its temporary files, and of the system as libvips repeats them. */
const WORDS =
  /^(?:ENOSPC|EDQUOT|EROFS|EACCES|EIO|ENOENT)|^VipsImage: unable to|system error: (?:No space left|Disk quota|Read-only file system|No such file|Permission denied|Input\/output error|Too many open files)/;

/** Whether work on a picture failed for the disk that it is done on, so that it may be done again later. A broken picture is not such a fault. */
export const isDiskFault = (error: unknown): boolean => error instanceof Error && WORDS.test(error.message);
