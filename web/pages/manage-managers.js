// Managers and what each of them may do; for super-admins.
import { recordsPage } from '../components/records.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const GRANTABLE = ['org:manage', 'students:manage', 'courses:manage', 'rounds:manage', 'lectures:manage', 'checkin', 'notices:manage'];
const ROLES = ['manager', 'super_admin', 'checkin'];
const account = (one) => t(`account.${one}`);
const rank = (one) => t(`rank.${one}`);
const said = (permission) => t(`may.${permission.replace(':', '_')}`);

export const page = recordsPage({
  name: 'managers',
  form: 'form-managers',
  path: '/api/admin/managers',
  titleOf: (row) => row.display_name,
  columns: [
    { key: 'display_name' },
    { key: 'username' },
    { key: 'role', cell: (row) => rank(row.role) },
    { key: 'permissions', wrap: true, cell: (row) => (row.role === 'super_admin' ? t('may.all') : row.permissions.filter((one) => GRANTABLE.includes(one)).map(said).join(t('lecture.and')) || '—') },
    { key: 'account_status', cell: (row) => account(row.account_status) },
    { key: 'last_login', cell: (row) => (row.last_login ? moment(row.last_login) : '—') },
  ],
  filters: [{ name: 'role', options: ROLES, say: rank }],
  extra: 'person',
});
