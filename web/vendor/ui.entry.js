import htm from 'htm';
import { h } from 'preact';
export { h, render, Fragment, createRef } from 'preact';
export { useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback, useId } from 'preact/hooks';
export { signal, computed, effect, batch, useSignal, useComputed, useSignalEffect } from '@preact/signals';
export const html = htm.bind(h);
