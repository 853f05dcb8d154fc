// Pictures of the staff's pages only, for Icon.
export const CLOSE = 'M6 6l12 12M18 6 6 18';
export const EDIT = 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4';
