import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid } from '#libs/contracts/errors';
import type { NewPicture } from '#libs/contracts/product/admin';
import { productApi } from '#libs/contracts/product/api';
import { storageApi } from '#libs/contracts/storage/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Transaction } from '#libs/persistence/transaction';
import { ProductRepository } from './product.repository.ts';

/** A picture as a product keeps it. */
export interface ProductPicture {
  readonly url: string;
  readonly alt: string;
  readonly color?: string;
}

/** The fixed address of a file, which names it: nothing else of it is kept here. */
const FILE_ADDRESS = /^\/api\/storage\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/content(?:$|[?#])/i;
const addressOf = (fileId: string): string => `/api/storage/${fileId}/content`;
export const fileOf = (url: string): string | undefined => FILE_ADDRESS.exec(url)?.[1]?.toLowerCase();
const filesOf = (urls: readonly string[]): string[] => [...new Set(urls.flatMap((url) => fileOf(url) ?? []))];

/** Pictures of products that are files of storage. */
@Injectable()
export class ProductFiles {
  constructor(
    @InjectPeer(storageApi) private readonly storage: Peer<typeof storageApi>,
    private readonly products: ProductRepository,
  ) {}

  /**
   * The pictures as they are kept, their files held for this product. Those that the product shows already may stay, whoever stored them.
   * @throws Refusal `validation_failed` for a file that is not the caller's own public one of this purpose.
   */
  async taken(productId: string, images: readonly NewPicture[], call: Call): Promise<ProductPicture[]> {
    const pictures = images.map(({ fileId, url, ...picture }, index): ProductPicture => {
      if ((fileId === undefined) === (url === undefined))
        throw invalid([{ path: `images.${index}`, message: 'needs fileId or url, not both' }]);
      return { ...picture, url: url ?? addressOf(fileId as string) };
    });
    const shown = new Set(filesOf(await this.products.pictureAddresses(productId)));
    const fileIds = filesOf(pictures.map(({ url }) => url)).filter((id) => !shown.has(id));
    if (fileIds.length === 0) return pictures;
    const { userId } = userOf(call);
    const { unusable } = await this.storage.check({ userId, purpose: 'product', visibility: 'public', fileIds, ref: productId });
    const errors = pictures.flatMap(({ url }, index) =>
      unusable.includes(fileOf(url) ?? '') ? [{ path: `images.${index}.fileId`, message: 'is not an own file of purpose product' }] : [],
    );
    if (errors.length > 0) throw invalid(errors);
    return pictures;
  }

  /** Tells storage which files the product shows from now on; nothing where it neither had nor has any. */
  async tellUse(tx: Transaction, productId: string, userId: string, before: readonly string[], after: readonly string[]): Promise<void> {
    const fileIds = filesOf(after);
    if (fileIds.length === 0 && filesOf(before).length === 0) return;
    const version = await this.products.nextFilesVersion(tx, productId);
    tx.publish(productApi.events.filesUsed, { ref: productId, userId, fileIds, shown: fileIds.length > 0, version });
  }
}
