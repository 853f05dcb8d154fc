// The form of managers: its fields and what is sent.
import { t } from '../lib/i18n.js';

const GRANTABLE = ['org:manage', 'students:manage', 'courses:manage', 'rounds:manage', 'lectures:manage', 'checkin', 'notices:manage'];
const ROLES = ['manager', 'super_admin', 'checkin'];
const account = (one) => t(`account.${one}`);
const rank = (one) => t(`rank.${one}`);
const said = (permission) => t(`may.${permission.replace(':', '_')}`);

export const form = {
  fields: [
    { name: 'username', kind: 'text', required: true, most: 64, only: 'new' },
    { name: 'display_name', kind: 'text', required: true, most: 64 },
    { name: 'role', kind: 'choice', options: ROLES, say: rank, blank: 'manager', required: true },
    { name: 'mobile_phone', kind: 'text', most: 20 },
    { name: 'account_status', kind: 'choice', options: ['active', 'disabled'], say: account, required: true, only: 'old' },
    { name: 'permissions', kind: 'some', options: GRANTABLE, say: said, blank: GRANTABLE, shown: (row) => GRANTABLE.filter((one) => row.permissions.includes(one)), unless: (form) => form.role !== 'manager' },
  ],
};
