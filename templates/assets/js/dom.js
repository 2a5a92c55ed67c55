// The one shorthand the modules share.
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
