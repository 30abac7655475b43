import type { Schemas } from '#libs/client/client';

export const AddressText = ({ address }: { address: Schemas['PostalAddress'] }) => (
  <span className="address-text">
    <strong>{address.name}</strong>
    <span>{[address.line1, address.line2].filter(Boolean).join(', ')}</span>
    <span>{`${address.city}, ${address.state} ${address.pincode}`}</span>
    <span className="quiet">{address.phone}</span>
  </span>
);
