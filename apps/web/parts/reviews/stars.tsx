/** Stars for the eye, and in words. */
export const Stars = ({ rating }: { rating: number }) => {
  const full = Math.round(rating);
  return (
    <span className="stars" role="img" aria-label={`${rating} of 5 stars`}>
      {'★'.repeat(full) + '☆'.repeat(5 - full)}
    </span>
  );
};
