// Courses: credits, category, and what must be passed before them.
import { recordsPage } from '../components/records.js';

export const page = recordsPage({
  name: 'courses',
  form: 'form-courses',
  path: '/api/manage/courses',
  titleOf: (row) => row.name,
  columns: [{ key: 'name' }, { key: 'course_code', cell: (row) => row.code }, { key: 'credits', num: true }, { key: 'category' }, { key: 'college' }],
  filters: [{ name: 'college_id', choices: 'colleges' }],
});
