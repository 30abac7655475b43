import { PictureField, type StoredPicture } from '../parts/picture-field.tsx';

export type Screenshot = Pick<StoredPicture, 'id' | 'name'>;

interface ScreenshotsProps {
  readonly screenshots: readonly Screenshot[];
  readonly change: (screenshots: readonly Screenshot[]) => void;
}

/** Screenshots are for their owner and the staff alone. */
export function Screenshots({ screenshots, change }: ScreenshotsProps) {
  return (
    <PictureField
      label="Screenshots"
      hint="Up to five pictures, which nobody sees but you and us."
      storing="Storing your screenshots …"
      full="There is room for 5 screenshots."
      purpose="feedback"
      count={screenshots.length}
      add={(stored) => change([...screenshots, ...stored.map(({ id, name }) => ({ id, name }))])}
    >
      <ul className="rows" data-testid="screenshots">
        {screenshots.map((one) => (
          <li key={one.id}>
            <span>{one.name}</span>
            <button
              type="button"
              className="plain"
              aria-label={`Remove ${one.name}`}
              onClick={() => change(screenshots.filter((other) => other.id !== one.id))}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
    </PictureField>
  );
}
