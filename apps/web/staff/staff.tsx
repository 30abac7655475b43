import { Empty } from '../parts/notices.tsx';
import { Link } from '../parts/router.tsx';
import { isAdmin, isStaff, session } from '../parts/session.ts';
import { StaffCouponsPage } from './coupons.page.tsx';
import { StaffOrderPage } from './order.page.tsx';
import { StaffOrdersPage } from './orders.page.tsx';
import { StaffSettlementPage } from './settlement.page.tsx';

const SECTIONS = [
  { section: '', name: 'Orders', admin: false },
  { section: 'settlement', name: 'Settlement', admin: false },
  { section: 'coupons', name: 'Coupons', admin: true },
] as const;

/** The counter's side of the shop, for support and admins. The gateway decides what each of them may. */
export function StaffPage({ section, id }: { section: string; id: string }) {
  const user = session.use()?.user;
  if (user === undefined || !isStaff(user)) {
    return (
      <Empty title="This is for those who work here">
        <p>Sign out, and sign in as somebody of the staff.</p>
        <Link to="/" className="button">
          To the shop
        </Link>
      </Empty>
    );
  }
  return (
    <>
      <nav className="sections" aria-label="Staff">
        {SECTIONS.filter(({ admin }) => !admin || isAdmin(user)).map(({ section: one, name }) => (
          <Link
            key={one}
            to={`/staff${one && `/${one}`}`}
            aria-current={(section === 'orders' ? '' : section) === one ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
      {sectionPage(section, id)}
    </>
  );
}

function sectionPage(section: string, id: string) {
  if (section === '') return <StaffOrdersPage />;
  if (section === 'orders' && id !== '') return <StaffOrderPage key={id} id={id} />;
  if (section === 'settlement') return <StaffSettlementPage />;
  if (section === 'coupons') return <StaffCouponsPage />;
  return <Empty title="There is no such page" />;
}
