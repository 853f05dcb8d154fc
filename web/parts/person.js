// What the page of a teacher or manager has beyond the form: a new password.
import { html } from '../vendor/ui.js';
import { ResetPassword } from '../components/new-password.js';

export function Extra({ definition, record }) {
  return html`<${ResetPassword} path=${definition.path} record=${record} />`;
}
