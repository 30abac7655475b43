import { createRoot } from 'react-dom/client';
import { Staff } from './staff.tsx';

const place = document.getElementById('shop');
if (place !== null) createRoot(place).render(<Staff />);
