import { createRoot } from 'react-dom/client';
import { followInvitations } from '../parts/invitation.ts';
import { Shop } from './shop.tsx';

// Before the pages read their address.
followInvitations();

const place = document.getElementById('shop');
if (place !== null) createRoot(place).render(<Shop />);
