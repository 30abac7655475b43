import type { Schemas } from '#libs/client/client';
import { fileAddress } from '../parts/file-address.ts';
import { PictureField } from '../parts/picture-field.tsx';

type Picture = Schemas['ReviewImage'];

interface ReviewPicturesProps {
  readonly pictures: readonly Picture[];
  readonly change: (pictures: readonly Picture[]) => void;
}

/** Pictures of a review are shown with it. */
export function ReviewPictures({ pictures, change }: ReviewPicturesProps) {
  return (
    <PictureField
      label="Pictures"
      hint="Up to five. Where and when they were taken is removed from them."
      storing="Storing your pictures …"
      full="A review has 5 pictures at most."
      purpose="review"
      count={pictures.length}
      add={(stored) => change([...pictures, ...stored.map(({ id, url }) => ({ id, url }))])}
    >
      {pictures.length > 0 && (
        <ul className="review-pictures review-files" data-testid="chosen-pictures">
          {pictures.map((picture, index) => (
            <li key={picture.id}>
              <img src={fileAddress(picture.url)} alt={`Yours, ${index + 1} of ${pictures.length}`} width="96" height="96" />
              <button type="button" className="plain" onClick={() => change(pictures.filter((one) => one.id !== picture.id))}>
                {`Remove number ${index + 1}`}
              </button>
            </li>
          ))}
        </ul>
      )}
    </PictureField>
  );
}
