// What a key that was pressed is meant for.

/** Is it meant for the input method, which composes a word? Safari ends composing before it tells of the key that ended it. */
export const composing = (event) => event.isComposing || event.keyCode === 229;
